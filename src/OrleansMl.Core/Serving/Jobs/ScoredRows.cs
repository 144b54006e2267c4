using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>Rows of a batch with the model's answers.</summary>
internal sealed record ScoredRows(
    DatasetBatch Batch,
    int[] Rows,
    IReadOnlyList<InferenceTensor> Outputs
)
{
    /// <summary>The kept columns and the outputs', with the rows' own splits.</summary>
    public DatasetBatch ToBatch(JobPlan plan) =>
        new(
            Rows.Length,
            Array.ConvertAll(Rows, row => Batch.Splits[row]),
            [
                .. plan.Kept.Select(
                    (column, i) => Take(Batch.Columns[plan.Inputs.Columns.Count + i], column)
                ),
                .. plan.Outputs.ToColumns(Outputs, Rows.Length),
            ]
        );

    private ColumnBatch Take(ColumnBatch values, DatasetColumn column)
    {
        var width = column.Shape.Aggregate(1, (product, d) => product * d);
        return new ColumnBatch
        {
            Numbers = Take(values.Numbers, 1),
            Integers = Take(values.Integers, 1),
            Booleans = Take(values.Booleans, 1),
            Texts = Take(values.Texts, 1),
            Pixels = Take(values.Pixels, width),
            Vectors = Take(values.Vectors, width),
            Missing = Take(values.Missing, 1),
        };
    }

    private T[]? Take<T>(T[]? values, int width)
    {
        if (values is null)
            return null;
        var taken = new T[Rows.Length * width];
        for (var i = 0; i < Rows.Length; i++)
            Array.Copy(values, Rows[i] * width, taken, i * width, width);
        return taken;
    }
}
