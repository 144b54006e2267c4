namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What silos need to route a model's calls beside its policy.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficRouting")]
public sealed record TrafficRouting
{
    /// <summary>The experiment: the serving policy's revision that began it.</summary>
    [Id(0)]
    public required long Experiment { get; init; }

    /// <summary>The section that this belongs to.</summary>
    [Id(1)]
    public required TrafficPolicy Policy { get; init; }

    /// <summary>The canary, where there is one.</summary>
    [Id(2)]
    public CanaryStatus? Canary { get; init; }

    /// <summary>Outcomes by version, for a bandit.</summary>
    [Id(3)]
    public IReadOnlyList<OutcomeTally> Outcomes { get; init; } = [];
}
