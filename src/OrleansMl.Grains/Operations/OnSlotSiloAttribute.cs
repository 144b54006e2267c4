using Orleans.Placement;

namespace OrleansMl.Grains.Operations;

/// <summary>Places a compute slot's grain, of which the key is <c>silo/device</c>, on that silo and no other.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnSlotSiloAttribute()
    : PlacementFilterAttribute(new OnSlotSiloFilterStrategy());
