namespace OrleansMl.Contracts.Datasets;

/// <summary>One column of a dataset's schema.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetColumn")]
public sealed record DatasetColumn
{
    /// <summary>The column's name, unique in its schema.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What it holds.</summary>
    [Id(1)]
    public required ColumnKind Kind { get; init; }

    /// <summary>Image: height, width, channels. Vector: its length. Else empty.</summary>
    [Id(2)]
    public IReadOnlyList<int> Shape { get; init; } = [];

    /// <summary>Whether any row lacks a value.</summary>
    [Id(3)]
    public bool Nullable { get; init; }
}
