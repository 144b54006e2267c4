using System.Globalization;
using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Puts values of a dataset's batch into a table's column: missing ones filled, numbers scaled, texts looked up.</summary>
internal static class TableColumnWriter
{
    /// <summary>A number as it was imported; NaN where missing.</summary>
    public static float RawNumber(ColumnBatch column, int row)
    {
        if (column.Numbers is { } numbers)
            return (float)numbers[row];
        if (IsMissing(column, row))
            return float.NaN;
        return column.Integers is { } integers ? integers[row]
            : column.Booleans![row] ? 1
            : 0;
    }

    /// <summary>A flag as it was imported; null where missing.</summary>
    public static bool? RawFlag(ColumnBatch column, int row)
    {
        if (IsMissing(column, row))
            return null;
        return column.Booleans is { } booleans ? booleans[row] : column.Integers![row] != 0;
    }

    /// <summary>A category's value as text; empty where missing.</summary>
    public static string RawText(ColumnBatch column, int row)
    {
        if (column.Texts is { } texts)
            return texts[row] ?? "";
        if (IsMissing(column, row))
            return "";
        return column.Integers is { } integers
                ? integers[row].ToString(CultureInfo.InvariantCulture)
            : column.Booleans![row] ? "true"
            : "false";
    }

    /// <summary>Writes one dense input's floats.</summary>
    public static void WriteDense(
        InputTransform transform,
        ColumnBatch column,
        int row,
        Span<float> destination
    )
    {
        switch (transform)
        {
            case NumberTransform number:
                var value = RawNumber(column, row);
                destination[0] =
                    ((float.IsNaN(value) ? number.Fill : value) - number.Shift) / number.Scale;
                break;
            case BinaryTransform binary:
                destination[0] = RawFlag(column, row) ?? binary.Fill ? 1 : 0;
                break;
            case VectorTransform vector:
                var values = column.Vectors.AsSpan(row * vector.Length, vector.Length);
                for (var i = 0; i < values.Length; i++)
                    destination[i] = (values[i] - vector.Shift[i]) / vector.Scale[i];
                break;
            default:
                throw new NotSupportedException($"{transform.GetType().Name} is not dense.");
        }
    }

    /// <summary>A target that must be there.</summary>
    /// <exception cref="InvalidInputException">It is missing or not finite.</exception>
    public static float RequiredNumber(HeadPlan head, ColumnBatch column, int row, long place)
    {
        var value = RawNumber(column, row);
        return float.IsFinite(value)
            ? value
            : throw new InvalidInputException(
                $"Column '{head.Column}' is to be predicted and has {(float.IsNaN(value) ? "no value" : "an infinite value")} in row {place} of the dataset. Import it without such rows."
            );
    }

    private static bool IsMissing(ColumnBatch column, int row) => column.Missing?[row] ?? false;
}
