using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Grains.Serving.Traffic;

/// <summary>What a model's traffic grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.ModelTrafficState")]
internal sealed record ModelTrafficState
{
    /// <summary>The serving policy's revision seen last.</summary>
    [Id(0)]
    public long Revision { get; init; }

    /// <summary>The revision that began the experiment; 0: there never was one.</summary>
    [Id(1)]
    public long Experiment { get; init; }

    [Id(2)]
    public DateTimeOffset Since { get; init; }

    [Id(3)]
    public TrafficPolicy? Policy { get; init; }

    /// <summary>Calls of the whole experiment.</summary>
    [Id(4)]
    public IReadOnlyList<ArmTally> Arms { get; init; } = [];

    /// <summary>Calls of the canary's step.</summary>
    [Id(5)]
    public IReadOnlyList<ArmTally> StepArms { get; init; } = [];

    /// <summary>The old version's calls in the last step in which it had enough.</summary>
    [Id(6)]
    public ArmTally? Baseline { get; init; }

    [Id(7)]
    public IReadOnlyList<ShadowTally> Shadows { get; init; } = [];

    [Id(8)]
    public CanaryStatus? Canary { get; init; }

    /// <summary>Newest first.</summary>
    [Id(9)]
    public IReadOnlyList<TrafficDecision> Decisions { get; init; } = [];

    /// <summary>Oldest first.</summary>
    [Id(10)]
    public IReadOnlyList<TrafficSource> Sources { get; init; } = [];

    /// <summary>Ids of the last commands, oldest first.</summary>
    [Id(11)]
    public IReadOnlyList<string> Commands { get; init; } = [];
}
