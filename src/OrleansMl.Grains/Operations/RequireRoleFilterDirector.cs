using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Operations;

/// <summary>Leaves the silos whose metadata has the role.</summary>
internal sealed class RequireRoleFilterDirector(ISiloMetadataCache metadata)
    : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy,
        PlacementTarget target,
        IEnumerable<SiloAddress> silos
    )
    {
        var role = ((RequireRoleFilterStrategy)filterStrategy).Role;
        return silos.Where(silo =>
            SiloTags.Contain(
                metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloMetadataKeys.Roles),
                role
            )
        );
    }
}
