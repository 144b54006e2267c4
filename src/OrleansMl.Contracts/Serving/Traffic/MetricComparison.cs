namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>Two versions compared by one figure.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.MetricComparison")]
public sealed record MetricComparison
{
    /// <summary><c>error_rate</c>, <c>latency_seconds</c> or <c>outcome</c>.</summary>
    [Id(0)]
    public required string Metric { get; init; }

    /// <summary>The test: <c>two-proportion z</c> or <c>Welch t</c>.</summary>
    [Id(1)]
    public required string Test { get; init; }

    /// <summary>Observations of the baseline.</summary>
    [Id(2)]
    public required long BaselineCount { get; init; }

    /// <summary>Observations of the candidate.</summary>
    [Id(3)]
    public required long CandidateCount { get; init; }

    /// <summary>The baseline's mean.</summary>
    [Id(4)]
    public required double Baseline { get; init; }

    /// <summary>The candidate's mean.</summary>
    [Id(5)]
    public required double Candidate { get; init; }

    /// <summary>The candidate's less the baseline's.</summary>
    [Id(6)]
    public required double Difference { get; init; }

    /// <summary>The difference's confidence interval, its lower end.</summary>
    [Id(7)]
    public required double Low { get; init; }

    /// <summary>The difference's confidence interval, its upper end.</summary>
    [Id(8)]
    public required double High { get; init; }

    /// <summary>z or t.</summary>
    [Id(9)]
    public required double Statistic { get; init; }

    /// <summary>The two-sided p-value, valid when looked at once, at a number of observations that was fixed before.</summary>
    [Id(10)]
    public required double PValue { get; init; }

    /// <summary>The p-value of the mixture sequential probability ratio test, valid however often it is looked at and whenever one stops.</summary>
    [Id(11)]
    public required double AlwaysValidPValue { get; init; }

    /// <summary>Whether the always valid p-value is below 1 less the confidence.</summary>
    [Id(12)]
    public required bool Significant { get; init; }
}
