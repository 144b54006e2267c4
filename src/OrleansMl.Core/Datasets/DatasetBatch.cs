namespace OrleansMl.Core.Datasets;

/// <summary>Rows of a shard, by column.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Splits">Each row's split: 0 train, 1 validation, 2 test.</param>
/// <param name="Columns">The asked columns, in the asked order.</param>
public sealed record DatasetBatch(int Rows, byte[] Splits, IReadOnlyList<ColumnBatch> Columns);
