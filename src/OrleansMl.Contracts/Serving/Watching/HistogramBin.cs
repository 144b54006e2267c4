namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>A bin or category with its shares.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.HistogramBin")]
public sealed record HistogramBin
{
    /// <summary>The category, or <c>(other)</c>, <c>(unseen)</c>; a number's bin as <c>(0.5, 1.25]</c>.</summary>
    [Id(0)]
    public required string Label { get; init; }

    /// <summary>Live values in it.</summary>
    [Id(1)]
    public required long Count { get; init; }

    /// <summary>Share of the live values, 0 to 1.</summary>
    [Id(2)]
    public required double Share { get; init; }

    /// <summary>Share of the reference's; null: no reference.</summary>
    [Id(3)]
    public double? Expected { get; init; }
}
