namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>Something that was decided about a model's traffic.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficDecision")]
public sealed record TrafficDecision
{
    /// <summary>When.</summary>
    [Id(0)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The experiment.</summary>
    [Id(1)]
    public required long Experiment { get; init; }

    /// <summary><c>experiment-began</c>, <c>step</c>, <c>promoting</c>, <c>promoted</c>, <c>rolling-back</c>, <c>rolled-back</c> or <c>settled</c>.</summary>
    [Id(2)]
    public required string Kind { get; init; }

    /// <summary>Why, with the figures.</summary>
    [Id(3)]
    public required string Reason { get; init; }

    /// <summary>Who: a caller, or <c>canary</c> for what the rules decided.</summary>
    [Id(4)]
    public string By { get; init; } = "";
}
