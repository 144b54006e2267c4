using System.Net;

namespace OrleansMl.Silo.Operations;

/// <summary>Where this silo listens, every port known.</summary>
/// <param name="Url">Where HTTP listens.</param>
/// <param name="PublicUrl">What others call.</param>
/// <param name="GrpcUrl">Where gRPC listens in clear text; null: nowhere.</param>
/// <param name="PublicGrpcUrl">What others call for it.</param>
/// <param name="Address">The advertised address.</param>
/// <param name="SiloPort">For other silos.</param>
/// <param name="GatewayPort">For .NET clients; 0 is closed.</param>
internal sealed record SiloEndpoints(
    string Url,
    string PublicUrl,
    string? GrpcUrl,
    string? PublicGrpcUrl,
    IPAddress Address,
    int SiloPort,
    int GatewayPort
)
{
    /// <summary>Finds free ports where the options say 0.</summary>
    public static SiloEndpoints Resolve(SiloOptions options)
    {
        var address = IPAddress.Parse(options.AdvertisedAddress);
        var (url, shown) = Resolve(options.Url, options.AdvertisedAddress);
        var (grpc, grpcShown) = options.GrpcUrl is null
            ? (null, null)
            : Resolve(options.GrpcUrl, options.AdvertisedAddress);
        return new SiloEndpoints(
            url,
            shown,
            grpc,
            grpcShown,
            address,
            FreePort.Resolve(options.SiloPort, address),
            options.GatewayPort is { } gateway ? FreePort.Resolve(gateway, address) : 0
        );
    }

    private static (string Url, string Public) Resolve(string configured, string advertised)
    {
        var any = configured.Contains("://+", StringComparison.Ordinal);
        var uri = new Uri(configured.Replace("://+", "://0.0.0.0", StringComparison.Ordinal));
        var listen =
            uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(uri.Host.Trim('[', ']'));
        var port = FreePort.Resolve(uri.Port, listen);
        var shown =
            listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any)
                ? advertised
                : uri.Host;
        return (
            any ? $"{uri.Scheme}://+:{port}" : $"{uri.Scheme}://{uri.Host}:{port}",
            $"{uri.Scheme}://{shown}:{port}"
        );
    }
}
