using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Datasets;

/// <summary>Reads shards with Parquet's physical readers: whole batches, no allocation for a row but new texts. Thread-safe: a read owns its file.</summary>
internal sealed class ShardReader : IDatasetReader
{
    // As the writer's default row group: a batch is one decode of a column and bounds what a reader holds.
    private const int BatchRows = 8_192;
    private const long BatchBytes = 8L << 20;

    public IEnumerable<DatasetBatch> ReadShard(
        string path,
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<string> columns
    )
    {
        var asked = columns
            .Select(name =>
                schema.FirstOrDefault(c => c.Name == name)
                ?? throw new InvalidInputException(
                    $"The dataset has no column '{name}'; it has {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}."
                )
            )
            .ToArray();
        return Read(path, asked, 0, long.MaxValue);
    }

    /// <summary>Reads some rows of a shard, skipping those before without decoding their values to .NET.</summary>
    internal static IEnumerable<DatasetBatch> Read(
        string path,
        IReadOnlyList<DatasetColumn> columns,
        long skip,
        long take
    )
    {
        using var file = new ParquetFileReader(path);
        var ordinals = columns.Select(c => Find(file, path, c)).ToArray();
        var split = Find(file, path, DatasetSplits.ColumnName, PhysicalType.Int32, 0);
        var rowBytes = 16L * columns.Count + columns.Sum(c => (long)ShardSchema.FixedLength(c));
        var rows = (int)Math.Clamp(BatchBytes / Math.Max(1, rowBytes), 1, BatchRows);
        var buffers = new ShardReadBuffers(rows);
        for (var g = 0; g < file.FileMetaData.NumRowGroups && take > 0; g++)
        {
            using var group = file.RowGroup(g);
            var groupRows = group.MetaData.NumRows;
            if (skip >= groupRows)
            {
                skip -= groupRows;
                continue;
            }
            var readers = new ColumnReader[columns.Count + 1];
            try
            {
                for (var i = 0; i < columns.Count; i++)
                    readers[i] = group.Column(ordinals[i]);
                readers[^1] = group.Column(split);
                if (skip > 0)
                    foreach (var reader in readers)
                        reader.Skip(skip);
                var left = Math.Min(groupRows - skip, take);
                take -= left;
                skip = 0;
                for (; left > 0; left -= rows)
                    yield return ReadBatch(readers, columns, (int)Math.Min(left, rows), buffers);
            }
            finally
            {
                foreach (var reader in readers)
                    reader?.Dispose();
            }
        }
    }

    private static DatasetBatch ReadBatch(
        ColumnReader[] readers,
        IReadOnlyList<DatasetColumn> columns,
        int rows,
        ShardReadBuffers buffers
    )
    {
        var batch = new ColumnBatch[columns.Count];
        for (var i = 0; i < columns.Count; i++)
            batch[i] = buffers.Read(readers[i], columns[i], rows);
        return new DatasetBatch(
            rows,
            buffers.ReadSplits((ColumnReader<int>)readers[^1], rows),
            batch
        );
    }

    private static int Find(ParquetFileReader file, string path, DatasetColumn column) =>
        Find(
            file,
            path,
            column.Name,
            ShardSchema.PhysicalTypeOf(column.Kind),
            ShardSchema.FixedLength(column)
        );

    private static int Find(
        ParquetFileReader file,
        string path,
        string name,
        PhysicalType type,
        int length
    )
    {
        var schema = file.FileMetaData.Schema;
        for (var i = 0; i < schema.NumColumns; i++)
        {
            var found = schema.Column(i);
            if (found.Name != name)
                continue;
            if (found.PhysicalType != type || (length > 0 && found.TypeLength != length))
                throw new InvalidDataException(
                    $"Shard {path}: column '{name}' expected {type} of length {length}, got {found.PhysicalType} of length {found.TypeLength}."
                );
            return i;
        }
        throw new InvalidDataException($"Shard {path}: expected a column '{name}', found none.");
    }
}
