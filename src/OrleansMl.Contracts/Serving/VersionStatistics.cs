using OrleansMl.Contracts.Models;

namespace OrleansMl.Contracts.Serving;

/// <summary>What a model version did since the silos started, as the protocol's statistics extension tells it. Of one silo, or the sum over all.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.VersionStatistics")]
public sealed record VersionStatistics
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required ModelVersionId Version { get; init; }

    /// <summary>When the last call was answered, in milliseconds since 1970; 0: never.</summary>
    [Id(1)]
    public long LastInferenceMilliseconds { get; init; }

    /// <summary>Rows answered, those from the cache included.</summary>
    [Id(2)]
    public long InferenceCount { get; init; }

    /// <summary>Runs of the model: fewer than calls where they were run together.</summary>
    [Id(3)]
    public long ExecutionCount { get; init; }

    /// <summary>Calls answered, from their arrival on.</summary>
    [Id(4)]
    public DurationStatistics Success { get; init; }

    /// <summary>Calls that failed: refused, missed, given up or gone wrong in the model.</summary>
    [Id(5)]
    public DurationStatistics Fail { get; init; }

    /// <summary>Waiting, a call.</summary>
    [Id(6)]
    public DurationStatistics Queue { get; init; }

    /// <summary>Putting inputs together, counted for every call of the run.</summary>
    [Id(7)]
    public DurationStatistics ComputeInput { get; init; }

    /// <summary>The model's runs, counted for every call of the run.</summary>
    [Id(8)]
    public DurationStatistics ComputeInfer { get; init; }

    /// <summary>Giving each call its rows, counted for every call of the run.</summary>
    [Id(9)]
    public DurationStatistics ComputeOutput { get; init; }

    /// <summary>Answers from the cache.</summary>
    [Id(10)]
    public DurationStatistics CacheHit { get; init; }

    /// <summary>Looks into the cache that found none, and what was put there after.</summary>
    [Id(11)]
    public DurationStatistics CacheMiss { get; init; }

    /// <summary>By size of the run, smallest first.</summary>
    [Id(12)]
    public IReadOnlyList<BatchStatistics> Batches { get; init; } = [];

    /// <summary>Memory that it counts for in budgets now, over the silos that have it loaded.</summary>
    [Id(13)]
    public long MemoryBytes { get; init; }
}
