using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Some rows of a source. The arrays belong to the source, which fills them again for the next batch; they may be longer than the rows need.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Columns">The schema's columns, in its order.</param>
/// <param name="GivenSplit">The split of all these rows where their file says it; null where the policy decides.</param>
internal sealed record SourceBatch(
    int Rows,
    IReadOnlyList<ColumnBatch> Columns,
    byte? GivenSplit = null
);
