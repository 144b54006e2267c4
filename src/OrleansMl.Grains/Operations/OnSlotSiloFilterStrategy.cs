using Orleans.Placement;

namespace OrleansMl.Grains.Operations;

/// <summary>Marks grains that <see cref="OnSlotSiloFilterDirector"/> filters silos for.</summary>
internal sealed class OnSlotSiloFilterStrategy() : PlacementFilterStrategy(0);
