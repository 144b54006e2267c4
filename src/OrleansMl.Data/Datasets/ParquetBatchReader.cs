using System.Text.Unicode;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Datasets;

/// <summary>Reads one Parquet file into a table buffer, a batch at a time. Not thread-safe.</summary>
internal sealed class ParquetBatchReader(
    ParquetFileReader file,
    string name,
    ParquetColumn[] columns,
    TableBuffer buffer,
    DataOptions options
) : IDisposable
{
    private readonly short[] _levels = new short[buffer.Capacity];
    private RowGroupReader? _group;
    private ColumnReader[] _readers = [];
    private int _nextGroup;
    private long _left;

    public long RowsRead { get; private set; }

    public long Rows => file.FileMetaData.NumRows;

    public static InvalidInputException Unreadable(string name, Exception e) =>
        new($"{name}: expected a whole Parquet file, got one that can't be read ({e.Message}).", e);

    /// <summary>Whether an error tells of the file: Parquet's own, or the library's about a type that it doesn't know.</summary>
    public static bool IsFromFile(Exception e) =>
        e is ParquetException or ArgumentOutOfRangeException or NotSupportedException;

    /// <summary>Fills the buffer's first rows; 0 at the end.</summary>
    public int Read()
    {
        try
        {
            while (_left == 0)
            {
                if (_nextGroup == file.FileMetaData.NumRowGroups)
                    return 0;
                Close();
                _group = file.RowGroup(_nextGroup++);
                _left = _group.MetaData.NumRows;
                if (_left < 0)
                    throw new InvalidInputException(
                        $"{name}: expected a whole Parquet file, got a row group of {_left} rows."
                    );
                _readers = [.. columns.Select(c => _group.Column(c.Ordinal))];
            }
            var rows = (int)Math.Min(_left, buffer.Capacity);
            for (var c = 0; c < columns.Length; c++)
                ReadColumn(_readers[c], columns[c], buffer.Columns[c], rows);
            _left -= rows;
            RowsRead += rows;
            return rows;
        }
        catch (Exception e) when (IsFromFile(e))
        {
            throw Unreadable(name, e);
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        foreach (var reader in _readers)
            reader.Dispose();
        _readers = [];
        _group?.Dispose();
        _group = null;
    }

    private void ReadColumn(ColumnReader reader, ParquetColumn column, ColumnBatch values, int rows)
    {
        switch (reader)
        {
            case ColumnReader<bool> booleans:
                ReadScalars(
                    booleans,
                    column,
                    rows,
                    values.Missing,
                    (v, row) => values.Booleans![row] = v
                );
                break;
            case ColumnReader<int> integers:
                ReadScalars(
                    integers,
                    column,
                    rows,
                    values.Missing,
                    (v, row) => StoreInteger(column.IsUnsigned ? (uint)v : v, values, row),
                    row => StoreMissing(values, row)
                );
                break;
            case ColumnReader<long> integers:
                ReadScalars(
                    integers,
                    column,
                    rows,
                    values.Missing,
                    (v, row) =>
                        StoreInteger(
                            v >= 0 || !column.IsUnsigned
                                ? v
                                : throw Refusal(
                                    column,
                                    row,
                                    "a whole number below 2^63",
                                    $"{(ulong)v}"
                                ),
                            values,
                            row
                        ),
                    row => StoreMissing(values, row)
                );
                break;
            case ColumnReader<float> floats when column.Column.Kind == ColumnKind.Vector:
                ReadVectors(floats, column, rows, v => v, values.Vectors!);
                break;
            case ColumnReader<double> doubles when column.Column.Kind == ColumnKind.Vector:
                ReadVectors(doubles, column, rows, v => (float)v, values.Vectors!);
                break;
            case ColumnReader<float> floats:
                ReadNumbers(floats, column, rows, v => v, values.Numbers!);
                break;
            case ColumnReader<double> doubles:
                ReadNumbers(doubles, column, rows, v => v, values.Numbers!);
                break;
            default:
                ReadTexts((ColumnReader<ByteArray>)reader, column, rows, values.Texts!);
                break;
        }
    }

    // Integers may be asked for as numbers.
    private static void StoreInteger(long value, ColumnBatch values, int row)
    {
        if (values.Numbers is { } numbers)
            numbers[row] = value;
        else
            values.Integers![row] = value;
    }

    private static void StoreMissing(ColumnBatch values, int row)
    {
        if (values.Numbers is { } numbers)
            numbers[row] = double.NaN;
    }

    private void ReadNumbers<T>(
        ColumnReader<T> reader,
        ParquetColumn column,
        int rows,
        Func<T, double> convert,
        double[] numbers
    )
        where T : unmanaged =>
        ReadScalars(
            reader,
            column,
            rows,
            null,
            (v, row) => numbers[row] = Finite(convert(v), column, row),
            row => numbers[row] = double.NaN
        );

    private void ReadScalars<T>(
        ColumnReader<T> reader,
        ParquetColumn column,
        int rows,
        bool[]? missing,
        Action<T, int> store,
        Action<int>? storeMissing = null
    )
        where T : unmanaged
    {
        var got = new T[rows];
        for (var read = 0; read < rows; )
        {
            var levels = Levels(column, rows - read);
            var count = Advance(reader.ReadBatch(rows - read, levels, default, got, out _));
            for (int i = 0, value = 0; i < count; i++)
            {
                var there = levels.IsEmpty || levels[i] == column.MaxDefinitionLevel;
                if (missing is not null)
                    missing[read + i] = !there;
                if (there)
                    store(got[value++], read + i);
                else
                    storeMissing?.Invoke(read + i);
            }
            read += count;
        }
    }

    private unsafe void ReadTexts(
        ColumnReader<ByteArray> reader,
        ParquetColumn column,
        int rows,
        string?[] texts
    )
    {
        var got = new ByteArray[rows];
        for (var read = 0; read < rows; )
        {
            var levels = Levels(column, rows - read);
            var count = Advance(reader.ReadBatch(rows - read, levels, default, got, out _));
            for (int i = 0, value = 0; i < count; i++)
            {
                if (!levels.IsEmpty && levels[i] != column.MaxDefinitionLevel)
                {
                    texts[read + i] = null;
                    continue;
                }
                var bytes = got[value++];
                texts[read + i] = Text(
                    new ReadOnlySpan<byte>((void*)bytes.Pointer, bytes.Length),
                    column,
                    read + i
                );
            }
            read += count;
        }
    }

    private void ReadVectors<T>(
        ColumnReader<T> reader,
        ParquetColumn column,
        int rows,
        Func<T, float> convert,
        float[] vectors
    )
        where T : unmanaged
    {
        var width = ShardSchema.Width(column.Column);
        var total = rows * width;
        var values = new T[total];
        var definitions = new short[total];
        var repetitions = new short[total];
        for (var read = 0; read < total; )
        {
            var count = Advance(
                reader.ReadBatch(
                    total - read,
                    definitions.AsSpan(0, total - read),
                    repetitions.AsSpan(0, total - read),
                    values,
                    out var there
                )
            );
            for (var i = 0; i < count; i++)
            {
                var (row, element) = Math.DivRem(read + i, width);
                if (repetitions[i] == 0 != (element == 0))
                    throw Refusal(
                        column,
                        row,
                        $"{width} numbers, as in the first row",
                        repetitions[i] == 0 ? "fewer" : "more"
                    );
                if (definitions[i] != column.MaxDefinitionLevel)
                    throw Refusal(column, row, $"{width} numbers", "a missing value");
            }
            for (var i = 0; i < there; i++)
                vectors[read + i] = (float)Finite(convert(values[i]), column, (read + i) / width);
            read += count;
        }
    }

    private Span<short> Levels(ParquetColumn column, int rows) =>
        column.MaxDefinitionLevel == 0 ? default : _levels.AsSpan(0, rows);

    private string Text(ReadOnlySpan<byte> utf8, ParquetColumn column, int row)
    {
        if (!Utf8.IsValid(utf8))
            throw Refusal(column, row, "text in UTF-8", $"{utf8.Length} bytes that are not");
        if (utf8.Length > options.MaxTextLength)
            throw Refusal(
                column,
                row,
                $"at most {options.MaxTextLength} bytes of text (Data:{nameof(DataOptions.MaxTextLength)})",
                $"{utf8.Length}"
            );
        return System.Text.Encoding.UTF8.GetString(utf8);
    }

    private double Finite(double value, ParquetColumn column, int row) =>
        double.IsFinite(value)
            ? value
            : throw Refusal(
                column,
                row,
                "a finite number",
                $"{value}; store a null where the value is missing"
            );

    private InvalidInputException Refusal(
        ParquetColumn column,
        int row,
        string expected,
        string got
    ) =>
        new(
            $"{name}, row {RowsRead + row + 1}, column '{column.Column.Name}': expected {expected}, got {got}."
        );

    private int Advance(long read) =>
        read > 0
            ? (int)read
            : throw new InvalidInputException(
                $"{name}: expected {Rows} rows as its footer says, got fewer."
            );
}
