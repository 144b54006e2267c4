namespace OrleansMl.Contracts.Datasets;

/// <summary>The ask to make a version of shards already in the artifact store.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetCommit")]
public sealed record DatasetCommit
{
    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>The version that it extends, which must be the newest; null starts afresh.</summary>
    [Id(1)]
    public int? AppendTo { get; init; }

    /// <summary>The columns; when appending, the same names, kinds and shapes as the parent's.</summary>
    [Id(2)]
    public required IReadOnlyList<DatasetColumn> Schema { get; init; }

    /// <summary>The new files; SinceVersion is set by the grain.</summary>
    [Id(3)]
    public required IReadOnlyList<DatasetShard> NewShards { get; init; }

    /// <summary>How rows were split.</summary>
    [Id(4)]
    public required SplitPolicy Splits { get; init; }

    /// <summary>Over the whole version, the parent's rows included.</summary>
    [Id(5)]
    public required IReadOnlyList<SplitStatistics> Statistics { get; init; }

    /// <summary>Where it came from, for people.</summary>
    [Id(6)]
    public string Source { get; init; } = "";

    /// <summary>For a model's answers: how they were made.</summary>
    [Id(7)]
    public DatasetLineage? Lineage { get; init; }
}
