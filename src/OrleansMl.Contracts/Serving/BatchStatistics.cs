namespace OrleansMl.Contracts.Serving;

/// <summary>Runs of one size; the counts are of runs, not of calls.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.BatchStatistics")]
public sealed record BatchStatistics
{
    /// <summary>Rows in a run; of a version without a batch dimension 1.</summary>
    [Id(0)]
    public required int BatchSize { get; init; }

    /// <summary>Putting calls' inputs together.</summary>
    [Id(1)]
    public DurationStatistics ComputeInput { get; init; }

    /// <summary>The model's runs.</summary>
    [Id(2)]
    public DurationStatistics ComputeInfer { get; init; }

    /// <summary>Giving each call its rows.</summary>
    [Id(3)]
    public DurationStatistics ComputeOutput { get; init; }
}
