namespace OrleansMl.Contracts.Datasets;

/// <summary>A point of a column's cumulative distribution.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.QuantilePoint")]
public sealed record QuantilePoint
{
    /// <summary>A value that occurs.</summary>
    [Id(0)]
    public required double Value { get; init; }

    /// <summary>Values at or below it.</summary>
    [Id(1)]
    public required long Rank { get; init; }
}
