namespace OrleansMl.Contracts.Datasets;

/// <summary>The rows of one split and what is known of their columns.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SplitStatistics")]
public sealed record SplitStatistics
{
    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    [Id(0)]
    public required string Split { get; init; }

    /// <summary>Rows in it.</summary>
    [Id(1)]
    public required long Rows { get; init; }

    /// <summary>One entry a column of the schema, in its order.</summary>
    [Id(2)]
    public required IReadOnlyList<ColumnStatistics> Columns { get; init; }
}
