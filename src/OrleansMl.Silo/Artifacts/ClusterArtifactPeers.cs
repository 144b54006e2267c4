using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Core.Operations;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Silo.Artifacts;

/// <summary>The other silos of the cluster that are alive, where their HTTP listens.</summary>
internal sealed class ClusterArtifactPeers(
    ISiloStatusOracle silos,
    ILocalSiloDetails self,
    ISiloMetadataCache metadata
) : IArtifactPeers
{
    public Task<IReadOnlyList<Uri>> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Uri>>([
            .. silos
                .GetApproximateSiloStatuses(onlyActive: true)
                .Keys.Where(silo => !silo.Equals(self.SiloAddress))
                .Select(silo =>
                    metadata
                        .GetSiloMetadata(silo)
                        .Metadata.GetValueOrDefault(SiloMetadataKeys.HttpUrl)
                )
                .OfType<string>()
                .Select(url => new Uri(url.TrimEnd('/') + '/')),
        ]);
}
