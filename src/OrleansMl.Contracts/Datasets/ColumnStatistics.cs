namespace OrleansMl.Contracts.Datasets;

/// <summary>What is known of one column over the rows of one split. For images, over all pixels scaled to [0, 1].</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ColumnStatistics")]
public sealed record ColumnStatistics
{
    /// <summary>The column's name.</summary>
    [Id(0)]
    public required string Column { get; init; }

    /// <summary>Rows with a value.</summary>
    [Id(1)]
    public required long Count { get; init; }

    /// <summary>Rows without one.</summary>
    [Id(2)]
    public long Missing { get; init; }

    /// <summary>Smallest value; numbers, integers, images and vectors only.</summary>
    [Id(3)]
    public double? Minimum { get; init; }

    /// <summary>Largest value.</summary>
    [Id(4)]
    public double? Maximum { get; init; }

    /// <summary>Arithmetic mean.</summary>
    [Id(5)]
    public double? Mean { get; init; }

    /// <summary>Population standard deviation.</summary>
    [Id(6)]
    public double? StandardDeviation { get; init; }

    /// <summary>Distinct values with counts, most frequent first, ties by value; complete unless <see cref="ValuesTruncated"/>. Text, integer and boolean columns only.</summary>
    [Id(7)]
    public IReadOnlyList<ValueCount> Values { get; init; } = [];

    /// <summary>There were more distinct values than the importer keeps.</summary>
    [Id(8)]
    public bool ValuesTruncated { get; init; }

    /// <summary>
    /// Points of the cumulative distribution, smallest value first, the last the largest with the count of values seen here (of a
    /// vector, some elements a row). Numbers, integers, images and vectors only, and none where a data set has
    /// too many columns.
    /// </summary>
    [Id(9)]
    public IReadOnlyList<QuantilePoint> Quantiles { get; init; } = [];
}
