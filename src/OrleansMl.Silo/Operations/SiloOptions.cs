using System.Net;
using OrleansMl.Contracts;
using OrleansMl.Core.Operations;

namespace OrleansMl.Silo.Operations;

/// <summary>What this silo is, where it listens and where it keeps its files. Section <c>Silo</c>.</summary>
internal sealed class SiloOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Silo";

    /// <summary>The silo's name, unique in its cluster; its slots' ids begin with it. Default <c>silo-1</c>: enough for a cluster of one.</summary>
    public string Name { get; set; } = "silo-1";

    /// <summary>Which cluster it joins: silos of one id and one database find each other. Default <c>oml</c>.</summary>
    public string ClusterId { get; set; } = "oml";

    /// <summary>Which service's state it reads: it stays when a cluster is replaced by one of another id. Default <c>oml</c>.</summary>
    public string ServiceId { get; set; } = "oml";

    /// <summary>What it does: <c>gateway</c>, <c>serve</c>, <c>train</c>. Default: all of them.</summary>
    public IReadOnlyList<string> Roles { get; set; } = SiloRoles.All;

    /// <summary>Where HTTP listens: the API with the role gateway, health, metrics and artifacts for other silos always. Port 0 takes a free one. Default <c>http://127.0.0.1:8080</c>.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>
    /// Where gRPC listens in clear text, with the role gateway: HTTP/2 alone, because without TLS a port can't tell HTTP/2 from
    /// HTTP/1.1. Port 0 takes a free one. Default: none, so that a second port opens only when asked for.
    /// </summary>
    public string? GrpcUrl { get; set; }

    /// <summary>The address at which other silos reach this one. Default 127.0.0.1: silos of one machine. Another needs mutual TLS (<c>Security:ClusterTls</c>) or <see cref="TrustedNetwork"/>.</summary>
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>Port for other silos; 0 takes a free one. Default 0.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port for trusted .NET clients of the grain interfaces; 0 takes a free one. Default: none, the port stays closed. Calls that come by it need a token (<c>ClusterTokens:GrainCalls</c>), except on loopback without any security configured.</summary>
    public int? GatewayPort { get; set; }

    /// <summary>States that only this cluster's machines can reach <see cref="AdvertisedAddress"/> (a private network, a network policy), because traffic between silos has no authentication without <c>Security:ClusterTls</c>, with which it isn't needed. Default false.</summary>
    public bool TrustedNetwork { get; set; }

    /// <summary>Labels for placement, for example <c>zone: a</c>: a run may ask for a silo that has them. At most 32.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; set; } =
        new Dictionary<string, string>();

    /// <summary>Where the embedded database, artifacts, scratch files and sockets go. One silo process owns it alone. Default <c>oml-data</c> in the working directory.</summary>
    public string DataDirectory { get; set; } = "oml-data";

    /// <summary>Devices that train, each a compute slot: <c>cpu:0</c>, <c>cuda:1</c>, … Default: one <c>cpu:0</c>. At most 64.</summary>
    public IReadOnlyList<string> Slots { get; set; } = ["cpu:0"];

    /// <summary>Shows Orleans' dashboard under <c>/dashboard</c>. Default false.</summary>
    public bool Dashboard { get; set; }

    /// <summary>Takes name, address and cluster from the pod that it runs in, and declares silos of deleted pods dead at once. Default false.</summary>
    public bool Kubernetes { get; set; }

    /// <summary>What is wrong with these values: each entry names the key, what is expected and what came.</summary>
    /// <param name="clusterTls">Whether silos authenticate each other.</param>
    public IEnumerable<string> Validate(bool clusterTls = false)
    {
        foreach (
            var (key, value) in new[]
            {
                (nameof(Name), Name),
                (nameof(ClusterId), ClusterId),
                (nameof(ServiceId), ServiceId),
            }
        )
        {
            if (!ResourceName.IsValid(value))
                yield return $"{Section}:{key}: expected 1 to {ResourceName.MaxLength} characters, lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit, got '{value}'.";
        }
        if (Roles.Count == 0 || Roles.Distinct().Count() != Roles.Count)
            yield return $"{Section}:{nameof(Roles)}: expected one or more of {string.Join(", ", SiloRoles.All)}, each once, got '{string.Join(", ", Roles)}'.";
        foreach (var role in Roles.Where(role => !SiloRoles.All.Contains(role)))
            yield return $"{Section}:{nameof(Roles)}: expected {string.Join(", ", SiloRoles.All)}, got '{role}'.";
        if (!IsHttpAddress(Url))
            yield return $"{Section}:{nameof(Url)}: expected http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address, localhost or '+', for example http://127.0.0.1:8080, got '{Url}'.";
        if (GrpcUrl is not null && !IsHttpAddress(GrpcUrl))
            yield return $"{Section}:{nameof(GrpcUrl)}: expected http://ADDRESS:PORT with an IP address, localhost or '+', for example http://127.0.0.1:8081, got '{GrpcUrl}'.";
        else if (GrpcUrl is not null && PortOf(GrpcUrl) != 0 && PortOf(GrpcUrl) == PortOf(Url))
            yield return $"{Section}:{nameof(GrpcUrl)}: expected another port than {nameof(Url)}, got {PortOf(GrpcUrl)} for both.";
        if (GrpcUrl is not null && !Roles.Contains(SiloRoles.Gateway))
            yield return $"{Section}:{nameof(GrpcUrl)}: expected none without the role {SiloRoles.Gateway}, got '{GrpcUrl}'.";
        if (!IPAddress.TryParse(AdvertisedAddress, out var advertised))
            yield return $"{Section}:{nameof(AdvertisedAddress)}: expected an IP address, got '{AdvertisedAddress}'.";
        else if (!Kubernetes && !IPAddress.IsLoopback(advertised) && !TrustedNetwork && !clusterTls)
            yield return $"{Section}:{nameof(AdvertisedAddress)}: expected a loopback address, got '{AdvertisedAddress}': traffic between silos has no authentication, so another address needs mutual TLS by Security:ClusterTls, or {Section}:{nameof(TrustedNetwork)}=true, which states that only this cluster's machines can reach it.";
        if (Kubernetes && !TrustedNetwork && !clusterTls)
            yield return $"{Section}:{nameof(TrustedNetwork)}: expected true with {Section}:{nameof(Kubernetes)}, or mutual TLS by Security:ClusterTls; true states that a network policy keeps other pods from the silo ports, got false.";
        if (SiloPort is < 0 or > 65_535)
            yield return $"{Section}:{nameof(SiloPort)}: expected 0 to 65535, got {SiloPort}.";
        if (GatewayPort is < 0 or > 65_535)
            yield return $"{Section}:{nameof(GatewayPort)}: expected 0 to 65535, got {GatewayPort}.";
        if (GatewayPort is { } port && port != 0 && port == SiloPort)
            yield return $"{Section}:{nameof(GatewayPort)}: expected another port than {nameof(SiloPort)}, got {GatewayPort} for both.";
        if (Labels.Count > 32)
            yield return $"{Section}:{nameof(Labels)}: expected at most 32, got {Labels.Count}.";
        foreach (var label in Labels.Keys.Where(label => !ResourceName.IsValid(label)))
            yield return $"{Section}:{nameof(Labels)}: expected names of lower-case letters, digits, '.', '_' and '-', got '{label}'.";
        if (string.IsNullOrWhiteSpace(DataDirectory))
            yield return $"{Section}:{nameof(DataDirectory)}: expected a folder, got '{DataDirectory}'.";
        if (Slots.Count is < 1 or > 64 || Slots.Distinct().Count() != Slots.Count)
            yield return $"{Section}:{nameof(Slots)}: expected 1 to 64 devices, each once, got '{string.Join(", ", Slots)}'.";
        foreach (var slot in Slots.Where(slot => !IsDevice(slot)))
            yield return $"{Section}:{nameof(Slots)}: expected cpu:N or cuda:N, got '{slot}'.";
    }

    private static bool IsDevice(string slot) =>
        slot.Split(':') is ["cpu" or "cuda", var number]
        && number.Length is >= 1 and <= 3
        && number.All(char.IsAsciiDigit);

    private static int? PortOf(string url) => ReadAddress(url)?.Port;

    private static Uri? ReadAddress(string url) =>
        Uri.TryCreate(
            url.Replace("://+", "://0.0.0.0", StringComparison.Ordinal),
            UriKind.Absolute,
            out var uri
        )
            ? uri
            : null;

    private static bool IsHttpAddress(string url) =>
        ReadAddress(url) is { } uri
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.AbsolutePath == "/"
        && uri.Query.Length == 0
        && (uri.Host == "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out _));
}
