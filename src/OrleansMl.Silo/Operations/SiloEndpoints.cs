using System.Net;

namespace OrleansMl.Silo.Operations;

/// <summary>Where this silo listens, every port known.</summary>
/// <param name="Url">What Kestrel listens on.</param>
/// <param name="PublicUrl">What others call.</param>
/// <param name="Address">The advertised address.</param>
/// <param name="SiloPort">For other silos.</param>
/// <param name="GatewayPort">For .NET clients; 0 is closed.</param>
internal sealed record SiloEndpoints(
    string Url,
    string PublicUrl,
    IPAddress Address,
    int SiloPort,
    int GatewayPort
)
{
    /// <summary>Finds free ports where the options say 0.</summary>
    public static SiloEndpoints Resolve(SiloOptions options)
    {
        var address = IPAddress.Parse(options.AdvertisedAddress);
        var any = options.Url.Contains("://+", StringComparison.Ordinal);
        var uri = new Uri(options.Url.Replace("://+", "://0.0.0.0", StringComparison.Ordinal));
        var listen =
            uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(uri.Host.Trim('[', ']'));
        var port = FreePort.Resolve(uri.Port, listen);
        var shown =
            listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any)
                ? options.AdvertisedAddress
                : uri.Host;
        return new SiloEndpoints(
            any ? $"http://+:{port}" : $"http://{uri.Host}:{port}",
            $"http://{shown}:{port}",
            address,
            FreePort.Resolve(options.SiloPort, address),
            options.GatewayPort is { } gateway ? FreePort.Resolve(gateway, address) : 0
        );
    }
}
