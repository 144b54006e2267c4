namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>How a shadow's answers compare with those that callers got, summed.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ShadowTally")]
public sealed record ShadowTally
{
    /// <summary>The version that answered the callers.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>The version in the shadow.</summary>
    [Id(1)]
    public required int Shadow { get; init; }

    /// <summary>Calls that both answered.</summary>
    [Id(2)]
    public long Compared { get; init; }

    /// <summary>Calls that the shadow failed.</summary>
    [Id(3)]
    public long Failed { get; init; }

    /// <summary>Calls that were to be sent but for which the queue had no room.</summary>
    [Id(4)]
    public long Dropped { get; init; }

    /// <summary>Compared calls of which the outputs have other names, types or shapes: nothing in them is compared.</summary>
    [Id(5)]
    public long Mismatched { get; init; }

    /// <summary>Rows with classes: labels, or two scores and more.</summary>
    [Id(6)]
    public long Rows { get; init; }

    /// <summary>Of these, rows in which both say the same class.</summary>
    [Id(7)]
    public long AgreeingRows { get; init; }

    /// <summary>Numbers compared.</summary>
    [Id(8)]
    public long Numbers { get; init; }

    /// <summary>The sum of their absolute differences.</summary>
    [Id(9)]
    public double Distance { get; init; }

    /// <summary>The largest of them.</summary>
    [Id(10)]
    public double LargestDistance { get; init; }

    /// <summary>Seconds of the compared calls as callers had them, summed.</summary>
    [Id(11)]
    public double Seconds { get; init; }

    /// <summary>Seconds of the same calls in the shadow, its queue left out, summed.</summary>
    [Id(12)]
    public double ShadowSeconds { get; init; }
}
