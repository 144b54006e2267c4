using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Operations;

/// <summary>
/// Leaves the silo whose metadata says that it is the key's silo, that it trains and that it has the device's kind of
/// accelerator. Should a silo have come back under its name before the old one was voted dead, the younger start wins.
/// </summary>
internal sealed class OnSlotSiloFilterDirector(ISiloMetadataCache metadata)
    : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy,
        PlacementTarget target,
        IEnumerable<SiloAddress> silos
    )
    {
        var slot = SlotKey.Parse(target.GrainIdentity.Key.ToString() ?? "");
        if (slot is null)
            return [];
        return silos
            .Where(silo =>
            {
                var values = metadata.GetSiloMetadata(silo).Metadata;
                return values.GetValueOrDefault(SiloMetadataKeys.Name) == slot.Silo
                    && SiloTags.Contain(
                        values.GetValueOrDefault(SiloMetadataKeys.Roles),
                        SiloRoles.Train
                    )
                    && SiloTags.Contain(
                        values.GetValueOrDefault(SiloMetadataKeys.Accelerators),
                        slot.Accelerator
                    );
            })
            .OrderByDescending(silo => silo.Generation)
            .Take(1);
    }
}
