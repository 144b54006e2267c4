using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>What an import made: all that <see cref="DatasetCommit"/> needs but the command's id.</summary>
/// <param name="Schema">The columns.</param>
/// <param name="Shards">The new shards, in the artifact store.</param>
/// <param name="Splits">How rows were split.</param>
/// <param name="Statistics">Over the whole version, an appended-to parent included.</param>
/// <param name="Source">Where it came from, for people.</param>
public sealed record DatasetImportResult(
    IReadOnlyList<DatasetColumn> Schema,
    IReadOnlyList<DatasetShard> Shards,
    SplitPolicy Splits,
    IReadOnlyList<SplitStatistics> Statistics,
    string Source
);
