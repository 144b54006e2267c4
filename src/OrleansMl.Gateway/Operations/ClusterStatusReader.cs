using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Operations;

namespace OrleansMl.Gateway.Operations;

/// <summary>
/// The cluster at a glance: the membership that this silo knows anyway, counts of the catalogue, and one call to the pool.
/// Its cost does not grow with the things that are registered.
/// </summary>
internal sealed class ClusterStatusReader(
    IGrainFactory grains,
    ICatalog catalog,
    IClusterMembershipService membership,
    ISiloMetadataCache metadata,
    IOptions<ClusterOptions> cluster
)
{
    /// <summary>The software's version.</summary>
    public static string Version { get; } =
        typeof(ClusterStatusReader)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "0";

    public async Task<ClusterStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var pool = grains
            .GetGrain<ITrainingPoolGrain>(ITrainingPoolGrain.Key)
            .GetAsync(cancellationToken);
        var runs = catalog.CountAsync(CatalogKinds.TrainingRun, cancellationToken);
        var datasets = catalog.CountAsync(CatalogKinds.Dataset, cancellationToken);
        var models = catalog.CountAsync(CatalogKinds.Model, cancellationToken);
        var versions = catalog.CountAsync(CatalogKinds.ModelVersion, cancellationToken);
        await Task.WhenAll(pool, runs, datasets, models, versions);
        return new ClusterStatus
        {
            ClusterId = cluster.Value.ClusterId,
            Version = Version,
            Silos = ReadSilos(),
            Pool = await pool,
            Runs = (await runs).ToDictionary(
                count => CatalogPages.Status(count.Key),
                count => count.Value
            ),
            Datasets = (await datasets).Values.Sum(),
            Models = (await models).Values.Sum(),
            ModelVersions = (await versions).Values.Sum(),
        };
    }

    /// <summary>The gateways that take calls now, from the membership that this silo knows: it asks nobody.</summary>
    public IReadOnlyList<GatewayEndpoint> ReadGateways() =>
        [
            .. membership
                .CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active)
                .Select(member =>
                    (member.Name, metadata.GetSiloMetadata(member.SiloAddress).Metadata)
                )
                .Where(member => member.Metadata.ContainsKey(SiloMetadataKeys.GatewayUrl))
                .OrderBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => new GatewayEndpoint
                {
                    Silo = member.Name,
                    Url = member.Metadata[SiloMetadataKeys.GatewayUrl],
                    GrpcUrl = member.Metadata.GetValueOrDefault(SiloMetadataKeys.GrpcUrl),
                }),
        ];

    // A dead silo whose name lives on in a newer one is history; one whose name is gone is what an operator looks for.
    private SiloSnapshot[] ReadSilos()
    {
        var members = membership.CurrentSnapshot.Members.Values;
        return
        [
            .. members
                .GroupBy(member => member.Name)
                .SelectMany(group =>
                {
                    var alive = group.Where(member => !member.Status.IsTerminating()).ToList();
                    return alive.Count > 0
                        ? alive
                        : group.OrderByDescending(member => member.SiloAddress.Generation).Take(1);
                })
                .OrderBy(member => member.Name, StringComparer.Ordinal)
                .Select(Describe),
        ];
    }

    private SiloSnapshot Describe(ClusterMember member)
    {
        var facts = metadata.GetSiloMetadata(member.SiloAddress).Metadata;
        return new SiloSnapshot
        {
            Name = member.Name,
            Address = member.SiloAddress.ToParsableString(),
            Status = member.Status.ToString(),
            Roles = List(SiloMetadataKeys.Roles),
            Accelerators = List(SiloMetadataKeys.Accelerators),
            MemoryBytes = long.TryParse(
                facts.GetValueOrDefault(SiloMetadataKeys.Memory),
                out var bytes
            )
                ? bytes
                : 0,
            Labels = facts
                .Where(fact =>
                    fact.Key.StartsWith(SiloMetadataKeys.LabelPrefix, StringComparison.Ordinal)
                )
                .ToDictionary(
                    fact => fact.Key[SiloMetadataKeys.LabelPrefix.Length..],
                    fact => fact.Value
                ),
            GatewayUrl = facts.GetValueOrDefault(SiloMetadataKeys.GatewayUrl),
        };

        string[] List(string key) =>
            facts
                .GetValueOrDefault(key, "")
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
