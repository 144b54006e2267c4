using System.Runtime.InteropServices;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;
using Utf8Encoding = System.Text.Encoding;

namespace OrleansMl.Data.Datasets;

/// <summary>Writes one shard file, a row group a batch. Not thread-safe.</summary>
internal sealed class ShardWriter : IDisposable
{
    private readonly IReadOnlyList<DatasetColumn> _schema;
    private readonly ParquetFileWriter _writer;
    private short[] _levels = [];
    private long[] _integers = [];
    private double[] _numbers = [];
    private bool[] _booleans = [];
    private ByteArray[] _texts = [];
    private FixedLenByteArray[] _fixed = [];
    private byte[] _utf8 = [];
    private int[] _splits = [];

    public ShardWriter(string path, IReadOnlyList<DatasetColumn> schema)
    {
        _schema = schema;
        Path = path;
        using var root = ShardSchema.Create(schema);
        using var properties = ShardSchema.CreateProperties(schema);
        _writer = new ParquetFileWriter(path, root, properties);
    }

    public string Path { get; }

    public long Rows { get; private set; }

    /// <summary>Bytes of the values written, before compression.</summary>
    public long ValueBytes { get; private set; }

    public void Write(DatasetBatch batch)
    {
        if (_levels.Length < batch.Rows)
            Grow(batch.Rows);
        using var group = _writer.AppendRowGroup();
        for (var i = 0; i < _schema.Count; i++)
        {
            using var writer = group.NextColumn();
            ValueBytes += WriteColumn(writer, _schema[i], batch.Columns[i], batch.Rows);
        }
        for (var row = 0; row < batch.Rows; row++)
            _splits[row] = batch.Splits[row];
        using (var writer = (ColumnWriter<int>)group.NextColumn())
            writer.WriteBatch(_splits.AsSpan(0, batch.Rows));
        Rows += batch.Rows;
    }

    /// <summary>Writes the footer; without it the file can't be read.</summary>
    public void Close() => _writer.Close();

    public void Dispose() => _writer.Dispose();

    private void Grow(int rows)
    {
        _levels = new short[rows];
        _integers = new long[rows];
        _numbers = new double[rows];
        _booleans = new bool[rows];
        _texts = new ByteArray[rows];
        _fixed = new FixedLenByteArray[rows];
        _splits = new int[rows];
    }

    private long WriteColumn(
        ColumnWriter writer,
        DatasetColumn column,
        ColumnBatch values,
        int rows
    )
    {
        switch (column.Kind)
        {
            case ColumnKind.Number:
                var numbers = CompactNumbers(values.Numbers!, rows);
                return Write(writer, _numbers, rows, numbers, sizeof(double));
            case ColumnKind.Integer:
                var integers = Compact(values.Integers!, _integers, values.Missing, rows);
                return Write(writer, _integers, rows, integers, sizeof(long));
            case ColumnKind.Boolean:
                var booleans = Compact(values.Booleans!, _booleans, values.Missing, rows);
                return Write(writer, _booleans, rows, booleans, sizeof(bool));
            case ColumnKind.Text:
                return WriteTexts((ColumnWriter<ByteArray>)writer, values.Texts!, rows);
            case ColumnKind.Image:
                return WriteFixed(
                    (ColumnWriter<FixedLenByteArray>)writer,
                    values.Pixels.AsSpan(0, rows * ShardSchema.Width(column)),
                    rows
                );
            default:
                return WriteFixed(
                    (ColumnWriter<FixedLenByteArray>)writer,
                    MemoryMarshal.AsBytes(
                        values.Vectors.AsSpan(0, rows * ShardSchema.Width(column))
                    ),
                    rows
                );
        }
    }

    // Parquet takes the values that are there, close together, and a level a row: 1 there, 0 missing.
    private int CompactNumbers(double[] values, int rows)
    {
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            var there = !double.IsNaN(values[row]);
            _levels[row] = there ? (short)1 : (short)0;
            if (there)
                _numbers[count++] = values[row];
        }
        return count;
    }

    private int Compact<T>(T[] values, T[] there, bool[]? missing, int rows)
    {
        if (missing is null)
        {
            _levels.AsSpan(0, rows).Fill(1);
            values.AsSpan(0, rows).CopyTo(there);
            return rows;
        }
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            _levels[row] = missing[row] ? (short)0 : (short)1;
            if (!missing[row])
                there[count++] = values[row];
        }
        return count;
    }

    private long Write<T>(ColumnWriter writer, T[] values, int rows, int count, int size)
        where T : unmanaged
    {
        ((ColumnWriter<T>)writer).WriteBatch(rows, _levels.AsSpan(0, rows), default, values);
        return (long)count * size;
    }

    private unsafe long WriteTexts(ColumnWriter<ByteArray> writer, string?[] values, int rows)
    {
        var bytes = 0;
        for (var row = 0; row < rows; row++)
            bytes += values[row] is { } text ? Utf8Encoding.UTF8.GetByteCount(text) : 0;
        if (_utf8.Length < bytes)
            _utf8 = new byte[Math.Max(bytes, 1 << 16)];
        fixed (byte* start = _utf8)
        {
            var at = 0;
            var count = 0;
            for (var row = 0; row < rows; row++)
            {
                _levels[row] = values[row] is null ? (short)0 : (short)1;
                if (values[row] is not { } text)
                    continue;
                var length = Utf8Encoding.UTF8.GetBytes(text, _utf8.AsSpan(at));
                _texts[count++] = new ByteArray((IntPtr)(start + at), length);
                at += length;
            }
            writer.WriteBatch(rows, _levels.AsSpan(0, rows), default, _texts);
        }
        return bytes;
    }

    private unsafe long WriteFixed(
        ColumnWriter<FixedLenByteArray> writer,
        ReadOnlySpan<byte> values,
        int rows
    )
    {
        var length = values.Length / rows;
        fixed (byte* start = values)
        {
            for (var row = 0; row < rows; row++)
                _fixed[row] = new FixedLenByteArray((IntPtr)(start + ((long)row * length)));
            writer.WriteBatch(_fixed.AsSpan(0, rows));
        }
        return values.Length;
    }
}
