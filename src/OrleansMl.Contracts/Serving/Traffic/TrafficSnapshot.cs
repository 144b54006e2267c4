namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>A model's traffic as readers get it: all that silos have reported of the experiment, some seconds behind.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficSnapshot")]
public sealed record TrafficSnapshot
{
    /// <summary>The model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>The experiment: the serving policy's revision that began it; 0: there never was one.</summary>
    [Id(1)]
    public required long Experiment { get; init; }

    /// <summary>When it began.</summary>
    [Id(2)]
    public DateTimeOffset? Since { get; init; }

    /// <summary>What governs; null: nothing does.</summary>
    [Id(3)]
    public TrafficPolicy? Policy { get; init; }

    /// <summary>Figures by version, of the whole experiment.</summary>
    [Id(4)]
    public IReadOnlyList<ArmStatistics> Arms { get; init; } = [];

    /// <summary>Comparisons by pair.</summary>
    [Id(5)]
    public IReadOnlyList<ShadowTally> Shadows { get; init; } = [];

    /// <summary>The canary, where there is one.</summary>
    [Id(6)]
    public CanaryStatus? Canary { get; init; }

    /// <summary>What was decided, newest first, of all experiments; the last 200.</summary>
    [Id(7)]
    public IReadOnlyList<TrafficDecision> Decisions { get; init; } = [];
}
