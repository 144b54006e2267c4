using Orleans.Placement;

namespace OrleansMl.Grains.Operations;

/// <summary>Places a grain, of which the key is a silo's name, on that silo and no other.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnNamedSiloAttribute()
    : PlacementFilterAttribute(new OnNamedSiloFilterStrategy());
