namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>Two versions of an experiment compared.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.VersionComparison")]
public sealed record VersionComparison
{
    /// <summary>The model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>The experiment.</summary>
    [Id(1)]
    public required long Experiment { get; init; }

    /// <summary>The version compared with.</summary>
    [Id(2)]
    public required int Baseline { get; init; }

    /// <summary>The version that is compared.</summary>
    [Id(3)]
    public required int Candidate { get; init; }

    /// <summary>The confidence of the intervals and of <see cref="MetricComparison.Significant"/>.</summary>
    [Id(4)]
    public required double Confidence { get; init; }

    /// <summary>Figures of which both have two observations and more.</summary>
    [Id(5)]
    public required IReadOnlyList<MetricComparison> Metrics { get; init; }
}
