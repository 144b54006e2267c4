namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>
/// A new version that takes over from the version behind an alias, step by step. Each step lasts at least <see cref="HoldSeconds"/> and
/// <see cref="MinRequests"/> of its own; after the last the alias moves to the new version. As soon as a bound is crossed, all calls go back
/// to the version that had them.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.CanaryPolicy")]
public sealed record CanaryPolicy
{
    /// <summary>The new version: a number, an alias, or <c>latest</c>. It is looked up once, when the canary begins.</summary>
    [Id(0)]
    public required string Version { get; init; }

    /// <summary>The alias of the version to take over from, which moves in the end.</summary>
    /// <value>The default is <c>champion</c>.</value>
    [Id(1)]
    public string Alias { get; init; } = "champion";

    /// <summary>The new version's part of the calls, step by step, growing.</summary>
    /// <value>The default is 0.01, 0.1, 0.5, 1; 1 to 20 steps, each above 0 and at most 1.</value>
    [Id(2)]
    public IReadOnlyList<double> Steps { get; init; } = [0.01, 0.1, 0.5, 1];

    /// <summary>The least seconds of a step.</summary>
    /// <value>The default is 600; from 0 to 2,592,000.</value>
    [Id(3)]
    public double HoldSeconds { get; init; } = 600;

    /// <summary>The least calls that the new version answered in a step before it is judged by its error rate and latency.</summary>
    /// <value>The default is 200; from 1 to 1,000,000,000.</value>
    [Id(4)]
    public long MinRequests { get; init; } = 200;

    /// <summary>The highest part of its calls that may fail.</summary>
    /// <value>The default is 0.05; from 0 to 1.</value>
    [Id(5)]
    public double MaxErrorRate { get; init; } = 0.05;

    /// <summary>The most by which its error rate may be above the old version's; null: no bound.</summary>
    /// <value>The default is null; from 0 to 1.</value>
    [Id(6)]
    public double? MaxErrorIncrease { get; init; }

    /// <summary>The percentile of the latency that is compared, 0.5 to 0.999.</summary>
    /// <value>The default is 0.95.</value>
    [Id(7)]
    public double LatencyPercentile { get; init; } = 0.95;

    /// <summary>The most that this percentile may be, in times the old version's; null: no bound.</summary>
    /// <value>The default is 1.5; above 0.</value>
    [Id(8)]
    public double? MaxLatencyRatio { get; init; } = 1.5;

    /// <summary>The most by which the mean outcome of its predictions may be below the old version's, in the outcome's unit; null: no bound.</summary>
    /// <value>The default is null; from 0.</value>
    [Id(9)]
    public double? MaxQualityDrop { get; init; }

    /// <summary>The least outcomes of each of the two versions before they are compared. With <see cref="MaxQualityDrop"/> no step ends before.</summary>
    /// <value>The default is 100; from 1 to 1,000,000,000.</value>
    [Id(10)]
    public long MinFeedback { get; init; } = 100;

    /// <summary>Seconds for which the new version is still watched after the alias has moved; a crossed bound moves it back.</summary>
    /// <value>The default is 0: not at all; to 2,592,000.</value>
    [Id(11)]
    public double WatchSeconds { get; init; }
}
