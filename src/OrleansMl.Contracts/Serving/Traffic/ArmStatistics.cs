namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>A version's figures in an experiment.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ArmStatistics")]
public sealed record ArmStatistics
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>Calls that it answered or failed.</summary>
    [Id(1)]
    public long Requests { get; init; }

    /// <summary>Of these, those that failed.</summary>
    [Id(2)]
    public long Errors { get; init; }

    /// <summary>The answered calls' mean time, in seconds; null without any.</summary>
    [Id(3)]
    public double? MeanSeconds { get; init; }

    /// <summary>Their median, in seconds, within 10 %.</summary>
    [Id(4)]
    public double? P50Seconds { get; init; }

    /// <summary>Their 95th percentile, in seconds, within 10 %.</summary>
    [Id(5)]
    public double? P95Seconds { get; init; }

    /// <summary>Their 99th percentile, in seconds, within 10 %.</summary>
    [Id(6)]
    public double? P99Seconds { get; init; }

    /// <summary>Outcomes of its predictions.</summary>
    [Id(7)]
    public long Outcomes { get; init; }

    /// <summary>Their mean; null without any.</summary>
    [Id(8)]
    public double? MeanOutcome { get; init; }

    /// <summary>A bandit: the probability that its mean outcome is the highest of all, within 1 %.</summary>
    [Id(9)]
    public double? BestProbability { get; init; }
}
