using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Turns the fields of one CSV column into values of its kind. Not thread-safe.</summary>
internal sealed class CsvColumn
{
    private readonly bool _set;
    private readonly DataOptions _options;
    private readonly CsvMissing _missing;
    private readonly TextPool _pool;

    /// <summary>Makes a column.</summary>
    /// <param name="column">Its name and kind.</param>
    /// <param name="set">Whether the caller set the kind: then post codes may be numbers, and 1 and 0 truth values.</param>
    /// <param name="missing">The fields that mean no value.</param>
    /// <param name="pool">The texts that the source's columns share.</param>
    /// <param name="options">The limits.</param>
    public CsvColumn(
        DatasetColumn column,
        bool set,
        CsvMissing missing,
        TextPool pool,
        DataOptions options
    )
    {
        Column = column;
        _set = set;
        _options = options;
        _missing = missing;
        _pool = pool;
    }

    public DatasetColumn Column { get; }

    /// <summary>Stores a field; returns the bytes that its text takes, 0 of other kinds.</summary>
    public int Store(ReadOnlySpan<char> field, ColumnBatch values, int row, CsvFile file)
    {
        var missing = _missing.Contains(field);
        switch (Column.Kind)
        {
            case ColumnKind.Integer:
                values.Missing![row] = missing;
                values.Integers![row] = missing ? 0 : Integer(field, file);
                return 0;
            case ColumnKind.Number:
                values.Numbers![row] = missing ? double.NaN : Number(field, file);
                return 0;
            case ColumnKind.Boolean:
                values.Missing![row] = missing;
                if (!CsvValue.TryBoolean(field, _set, out values.Booleans![row]) && !missing)
                    throw Refusal(field, file);
                return 0;
            default:
                values.Texts![row] = missing ? null : Text(field, file);
                return missing ? 0 : field.Length;
        }
    }

    private long Integer(ReadOnlySpan<char> field, CsvFile file) =>
        CsvValue.TryInteger(field, out var value) && (_set || !CsvValue.HasLeadingZeros(field))
            ? value
            : throw Refusal(field, file);

    private double Number(ReadOnlySpan<char> field, CsvFile file)
    {
        if (!CsvValue.TryNumber(field, out var value))
            throw Refusal(field, file);
        if (!double.IsFinite(value))
            throw new InvalidInputException(
                $"{file.Name}, line {file.Line}, column '{Column.Name}': expected a finite number, got '{Shorten(field)}'; leave the field empty where the value is missing."
            );
        return value;
    }

    private string Text(ReadOnlySpan<char> field, CsvFile file)
    {
        if (field.Length > _options.MaxTextLength)
            throw new InvalidInputException(
                $"{file.Name}, line {file.Line}, column '{Column.Name}': expected at most {_options.MaxTextLength} characters (Data:{nameof(DataOptions.MaxTextLength)}), got {field.Length}."
            );
        return _pool.Get(field);
    }

    private InvalidInputException Refusal(ReadOnlySpan<char> field, CsvFile file)
    {
        var fits =
            Column.Kind == ColumnKind.Integer
            && CsvValue.TryNumber(field, out _)
            && !CsvValue.HasLeadingZeros(field)
                ? ColumnKind.Number
                : ColumnKind.Text;
        var why = _set
            ? "as its kind was set"
            : $"as inferred from the first {_options.InferenceRows} rows";
        return new InvalidInputException(
            $"{file.Name}, line {file.Line}, column '{Column.Name}': expected {Column.Kind}, {why}, got '{Shorten(field)}'; mend the value, or set the column's kind to {fits}."
        );
    }

    private static string Shorten(ReadOnlySpan<char> field) =>
        field.Length <= 60 ? field.ToString() : $"{field[..60]}…";
}
