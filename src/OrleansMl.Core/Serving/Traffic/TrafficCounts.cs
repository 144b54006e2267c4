using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>What a process counted of a stage since it was last taken.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Arms">Calls by version.</param>
/// <param name="Shadows">Comparisons by pair.</param>
public sealed record TrafficCounts(
    TrafficStage Stage,
    IReadOnlyList<ArmTally> Arms,
    IReadOnlyList<ShadowTally> Shadows
);
