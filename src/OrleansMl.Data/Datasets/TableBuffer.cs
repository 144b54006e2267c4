using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Arrays for a bounded number of rows, filled again and again.</summary>
internal sealed class TableBuffer
{
    public TableBuffer(IReadOnlyList<DatasetColumn> schema, int capacity)
    {
        Capacity = capacity;
        Columns = [.. schema.Select(c => Create(c, capacity))];
    }

    public int Capacity { get; }

    public IReadOnlyList<ColumnBatch> Columns { get; }

    /// <summary>Rows that keep within the options' bytes, at least one.</summary>
    public static int CapacityFor(IReadOnlyList<DatasetColumn> schema, DataOptions options)
    {
        // A text is a reference here; its characters are counted as they come.
        var bytes = schema.Sum(c => (long)Math.Max(ShardSchema.FixedLength(c), sizeof(long)));
        return (int)
            Math.Clamp(options.MaxBytesPerBatch / Math.Max(1, bytes), 1, options.RowsPerBatch);
    }

    private static ColumnBatch Create(DatasetColumn column, int rows) =>
        column.Kind switch
        {
            ColumnKind.Number => new ColumnBatch { Numbers = new double[rows] },
            ColumnKind.Integer => new ColumnBatch
            {
                Integers = new long[rows],
                Missing = new bool[rows],
            },
            ColumnKind.Boolean => new ColumnBatch
            {
                Booleans = new bool[rows],
                Missing = new bool[rows],
            },
            ColumnKind.Text => new ColumnBatch { Texts = new string?[rows] },
            ColumnKind.Image => new ColumnBatch
            {
                Pixels = new byte[rows * ShardSchema.Width(column)],
            },
            _ => new ColumnBatch { Vectors = new float[rows * ShardSchema.Width(column)] },
        };
}
