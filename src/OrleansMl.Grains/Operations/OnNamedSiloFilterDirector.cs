using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Operations;

/// <summary>Leaves the silo of the key's name; should one have come back under its name before the old one was voted dead, the younger.</summary>
internal sealed class OnNamedSiloFilterDirector(ISiloMetadataCache metadata)
    : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy,
        PlacementTarget target,
        IEnumerable<SiloAddress> silos
    )
    {
        var name = target.GrainIdentity.Key.ToString();
        return silos
            .Where(silo =>
                metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloMetadataKeys.Name)
                == name
            )
            .OrderByDescending(silo => silo.Generation)
            .Take(1);
    }
}
