namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What a silo counted of a model's traffic since its last report that was taken.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficReport")]
public sealed record TrafficReport
{
    /// <summary>The process that counted: unique to each start of a silo.</summary>
    [Id(0)]
    public required string Source { get; init; }

    /// <summary>Counts the source's reports about this model from 1; the same number again is not counted again.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>The experiment in which it was counted: the serving policy's revision that began it.</summary>
    [Id(2)]
    public required long Experiment { get; init; }

    /// <summary>The canary's step in which it was counted; 0 without one.</summary>
    [Id(3)]
    public int Step { get; init; }

    /// <summary>Calls by version.</summary>
    [Id(4)]
    public IReadOnlyList<ArmTally> Arms { get; init; } = [];

    /// <summary>Comparisons by pair.</summary>
    [Id(5)]
    public IReadOnlyList<ShadowTally> Shadows { get; init; } = [];
}
