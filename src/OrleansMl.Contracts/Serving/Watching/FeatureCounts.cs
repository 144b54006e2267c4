namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>Counts of one watched input or output over some rows. Two of them are added number by number.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.FeatureCounts")]
public sealed record FeatureCounts
{
    /// <summary>Values in each bin, or of each category, in the profile's order.</summary>
    [Id(0)]
    public required IReadOnlyList<long> Bins { get; init; }

    /// <summary>Values in all: one a row, or as many as an image or vector has elements.</summary>
    [Id(1)]
    public required long Count { get; init; }

    /// <summary>Rows without a value.</summary>
    [Id(2)]
    public long Missing { get; init; }

    /// <summary>Sum of the values; numbers only, as all below.</summary>
    [Id(3)]
    public double Sum { get; init; }

    /// <summary>Sum of their squares.</summary>
    [Id(4)]
    public double SquaredSum { get; init; }

    /// <summary>Smallest; null: no value.</summary>
    [Id(5)]
    public double? Minimum { get; init; }

    /// <summary>Largest; null: no value.</summary>
    [Id(6)]
    public double? Maximum { get; init; }
}
