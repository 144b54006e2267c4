namespace OrleansMl.Contracts.Datasets;

/// <summary>An immutable dataset version: what it holds and where. New data makes a new version.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetManifest")]
public sealed record DatasetManifest
{
    /// <summary>Name and version.</summary>
    [Id(0)]
    public required DatasetVersionId Id { get; init; }

    /// <summary>The version it was appended to; null for a first import or a replacement.</summary>
    [Id(1)]
    public int? Parent { get; init; }

    /// <summary>The columns.</summary>
    [Id(2)]
    public required IReadOnlyList<DatasetColumn> Schema { get; init; }

    /// <summary>The files, in order; those of which SinceVersion is this version are new since the parent.</summary>
    [Id(3)]
    public required IReadOnlyList<DatasetShard> Shards { get; init; }

    /// <summary>How rows were split.</summary>
    [Id(4)]
    public required SplitPolicy Splits { get; init; }

    /// <summary>A split an entry.</summary>
    [Id(5)]
    public required IReadOnlyList<SplitStatistics> Statistics { get; init; }

    /// <summary>Rows in all.</summary>
    [Id(6)]
    public required long Rows { get; init; }

    /// <summary>Bytes of all shards.</summary>
    [Id(7)]
    public required long Bytes { get; init; }

    /// <summary>Where it came from, for people.</summary>
    [Id(8)]
    public string Source { get; init; } = "";

    /// <summary>When it was made.</summary>
    [Id(9)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>For a model's answers: how they were made.</summary>
    [Id(10)]
    public DatasetLineage? Lineage { get; init; }
}
