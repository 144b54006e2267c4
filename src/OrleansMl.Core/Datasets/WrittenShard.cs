using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Rows that are in the artifact store, for a commit.</summary>
/// <param name="Schema">Their columns, nullable where a value is missing.</param>
/// <param name="Shard">The file.</param>
/// <param name="Statistics">Of these rows alone.</param>
public sealed record WrittenShard(
    IReadOnlyList<DatasetColumn> Schema,
    DatasetShard Shard,
    IReadOnlyList<SplitStatistics> Statistics
);
