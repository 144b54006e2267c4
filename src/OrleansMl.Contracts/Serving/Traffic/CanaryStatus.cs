namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>How a canary stands.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.CanaryStatus")]
public sealed record CanaryStatus
{
    /// <summary>Where it is.</summary>
    [Id(0)]
    public required CanaryPhase Phase { get; init; }

    /// <summary>The old version.</summary>
    [Id(1)]
    public required int Stable { get; init; }

    /// <summary>The new version.</summary>
    [Id(2)]
    public required int Candidate { get; init; }

    /// <summary>The step, from 0; it stays at the last one.</summary>
    [Id(3)]
    public required int Step { get; init; }

    /// <summary>The new version's part of the calls now, 0 to 1.</summary>
    [Id(4)]
    public required double Share { get; init; }

    /// <summary>Since when the phase and step are these.</summary>
    [Id(5)]
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why, with the figures.</summary>
    [Id(6)]
    public string Reason { get; init; } = "";
}
