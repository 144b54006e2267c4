using OrleansMl.Contracts.Serving;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>A dataset in memory.</summary>
/// <param name="Train">Rows to learn from; never empty.</param>
/// <param name="Validation">Rows that early stopping looks at; may be empty.</param>
/// <param name="Test">Rows that nothing looks at until the end; may be empty.</param>
/// <param name="RawInputs">The model's inputs as they were imported, for the first rows of <paramref name="RawSplit"/>.</param>
/// <param name="RawSplit">Whose they are.</param>
internal sealed record TrainingTables(
    SplitTable Train,
    SplitTable Validation,
    SplitTable Test,
    IReadOnlyList<InferenceTensor> RawInputs,
    SplitTable RawSplit
)
{
    /// <summary>The splits that have rows.</summary>
    public IEnumerable<SplitTable> Filled =>
        new[] { Train, Validation, Test }.Where(table => table.Rows > 0);
}
