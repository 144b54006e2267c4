using Orleans.Placement;

namespace OrleansMl.Grains.Operations;

/// <summary>Marks grains that <see cref="OnNamedSiloFilterDirector"/> filters silos for.</summary>
internal sealed class OnNamedSiloFilterStrategy() : PlacementFilterStrategy(0);
