using System.Runtime.InteropServices;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Datasets;

/// <summary>Scratch space of one read: levels, pointers and cached texts. Not thread-safe.</summary>
internal sealed class ShardReadBuffers(int rows)
{
    private readonly short[] _levels = new short[rows];
    private readonly FixedLenByteArray[] _fixed = new FixedLenByteArray[rows];
    private readonly ByteArray[] _texts = new ByteArray[rows];
    private readonly int[] _splits = new int[rows];
    private readonly TextCache _cache = new();

    public ColumnBatch Read(ColumnReader reader, DatasetColumn column, int rows)
    {
        switch (column.Kind)
        {
            case ColumnKind.Number:
                return new ColumnBatch
                {
                    Numbers = ReadNumbers((ColumnReader<double>)reader, rows),
                };
            case ColumnKind.Integer:
                var (integers, noInteger) = ReadOptional((ColumnReader<long>)reader, rows);
                return new ColumnBatch
                {
                    Integers = integers,
                    Missing = column.Nullable ? noInteger : null,
                };
            case ColumnKind.Boolean:
                var (booleans, noBoolean) = ReadOptional((ColumnReader<bool>)reader, rows);
                return new ColumnBatch
                {
                    Booleans = booleans,
                    Missing = column.Nullable ? noBoolean : null,
                };
            case ColumnKind.Text:
                return new ColumnBatch { Texts = ReadTexts((ColumnReader<ByteArray>)reader, rows) };
            case ColumnKind.Image:
                var pixels = new byte[rows * ShardSchema.Width(column)];
                ReadFixed((ColumnReader<FixedLenByteArray>)reader, pixels, rows);
                return new ColumnBatch { Pixels = pixels };
            default:
                var vectors = new float[rows * ShardSchema.Width(column)];
                ReadFixed(
                    (ColumnReader<FixedLenByteArray>)reader,
                    MemoryMarshal.AsBytes(vectors.AsSpan()),
                    rows
                );
                return new ColumnBatch { Vectors = vectors };
        }
    }

    public byte[] ReadSplits(ColumnReader<int> reader, int rows)
    {
        for (var read = 0; read < rows; )
            read += Advance(
                reader.ReadBatch(rows - read, _splits.AsSpan(read, rows - read), out _)
            );
        var splits = new byte[rows];
        for (var row = 0; row < rows; row++)
            splits[row] = (byte)_splits[row];
        return splits;
    }

    private double[] ReadNumbers(ColumnReader<double> reader, int rows)
    {
        var values = new double[rows];
        var there = ReadSpread(reader, values, rows);
        if (there < rows)
            for (var row = 0; row < rows; row++)
                if (_levels[row] == 0)
                    values[row] = double.NaN;
        return values;
    }

    private (T[] Values, bool[] Missing) ReadOptional<T>(ColumnReader<T> reader, int rows)
        where T : unmanaged
    {
        var values = new T[rows];
        var missing = new bool[rows];
        if (ReadSpread(reader, values, rows) < rows)
            for (var row = 0; row < rows; row++)
                missing[row] = _levels[row] == 0;
        return (values, missing);
    }

    // Reads the values that are there close together, then moves each to its row, last first.
    private int ReadSpread<T>(ColumnReader<T> reader, T[] values, int rows)
        where T : unmanaged
    {
        var there = 0;
        for (var read = 0; read < rows; )
        {
            read += Advance(
                reader.ReadBatch(
                    rows - read,
                    _levels.AsSpan(read, rows - read),
                    default,
                    values.AsSpan(there, rows - read),
                    out var count
                )
            );
            there += (int)count;
        }
        if (there == rows)
            return rows;
        var from = there;
        for (var row = rows - 1; row >= 0; row--)
            values[row] = _levels[row] == 0 ? default : values[--from];
        return there;
    }

    private unsafe string?[] ReadTexts(ColumnReader<ByteArray> reader, int rows)
    {
        var values = new string?[rows];
        for (var read = 0; read < rows; )
        {
            // The pointers stand until the next read, which may drop their page.
            var got = Advance(
                reader.ReadBatch(
                    rows - read,
                    _levels.AsSpan(0, rows - read),
                    default,
                    _texts.AsSpan(0, rows - read),
                    out _
                )
            );
            for (int row = 0, value = 0; row < got; row++)
            {
                if (_levels[row] == 0)
                    continue;
                var text = _texts[value++];
                values[read + row] = _cache.Get(
                    new ReadOnlySpan<byte>((void*)text.Pointer, text.Length)
                );
            }
            read += got;
        }
        return values;
    }

    private unsafe void ReadFixed(
        ColumnReader<FixedLenByteArray> reader,
        Span<byte> values,
        int rows
    )
    {
        var length = values.Length / rows;
        for (var read = 0; read < rows; )
        {
            var got = Advance(reader.ReadBatch(rows - read, _fixed.AsSpan(0, rows - read), out _));
            var target = values[(read * length)..];
            var first = (byte*)_fixed[0].Pointer;
            // Values of a plain page lie one after the other: one copy takes them all.
            if ((byte*)_fixed[got - 1].Pointer - first == (long)(got - 1) * length)
                new ReadOnlySpan<byte>(first, got * length).CopyTo(target);
            else
                for (var row = 0; row < got; row++)
                    new ReadOnlySpan<byte>((void*)_fixed[row].Pointer, length).CopyTo(
                        target[(row * length)..]
                    );
            read += got;
        }
    }

    private static int Advance(long read) =>
        read > 0
            ? (int)read
            : throw new InvalidDataException("The shard ends before its row group's last row.");
}
