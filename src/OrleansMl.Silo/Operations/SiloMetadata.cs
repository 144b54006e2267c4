using System.Globalization;
using OrleansMl.Core.Operations;

namespace OrleansMl.Silo.Operations;

/// <summary>What this silo publishes of itself for placement and status.</summary>
internal static class SiloMetadata
{
    /// <summary>The metadata by <see cref="SiloMetadataKeys"/>.</summary>
    public static Dictionary<string, string> Create(
        SiloOptions options,
        string url,
        string? grpcUrl
    )
    {
        var trains = options.Roles.Contains(SiloRoles.Train);
        var metadata = new Dictionary<string, string>
        {
            [SiloMetadataKeys.Name] = options.Name,
            [SiloMetadataKeys.Roles] = string.Join(',', options.Roles),
            [SiloMetadataKeys.Accelerators] = trains
                ? string.Join(',', options.Slots.Select(slot => slot.Split(':')[0]).Distinct())
                : "",
            [SiloMetadataKeys.Memory] = GC.GetGCMemoryInfo()
                .TotalAvailableMemoryBytes.ToString(CultureInfo.InvariantCulture),
            [SiloMetadataKeys.HttpUrl] = url,
        };
        if (options.Roles.Contains(SiloRoles.Gateway))
        {
            metadata[SiloMetadataKeys.GatewayUrl] = url;
            // With TLS one port takes both.
            grpcUrl ??= url.StartsWith("https:", StringComparison.Ordinal) ? url : null;
            if (grpcUrl is not null)
                metadata[SiloMetadataKeys.GrpcUrl] = grpcUrl;
        }
        foreach (var (label, value) in options.Labels)
            metadata[SiloMetadataKeys.LabelPrefix + label] = value;
        return metadata;
    }
}
