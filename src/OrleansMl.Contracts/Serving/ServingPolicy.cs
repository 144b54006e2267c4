using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Contracts.Serving;

/// <summary>
/// How a model is served, for all its versions: one document, of which each section governs one thing and is left out for the
/// defaults. It is replaced whole and never changed in place.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.ServingPolicy")]
public sealed record ServingPolicy
{
    /// <summary>All defaults.</summary>
    public static ServingPolicy Default { get; } = new();

    /// <summary>How calls that meet are run together, and who waits; null: <see cref="BatchingPolicy.Default"/>.</summary>
    [Id(0)]
    public BatchingPolicy? Batching { get; init; }

    /// <summary>Which versions answer.</summary>
    [Id(1)]
    public TrafficPolicy? Traffic { get; init; }

    /// <summary>Which answers are kept and given again; null: none.</summary>
    [Id(2)]
    public CachePolicy? Cache { get; init; }

    /// <summary>How calls of one sequence share a state; null: they share none.</summary>
    [Id(3)]
    public SequencePolicy? Sequences { get; init; }

    /// <summary>How live calls are watched; null: not at all.</summary>
    [Id(4)]
    public WatchPolicy? Watch { get; init; }

    /// <summary>What all callers of the model together may use; null: as much as there is.</summary>
    [Id(5)]
    public LimitPolicy? Limits { get; init; }
}
