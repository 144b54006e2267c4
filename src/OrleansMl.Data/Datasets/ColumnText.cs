using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>A value of a column of categories as text.</summary>
internal static class ColumnText
{
    public static bool IsCategory(ColumnKind kind) =>
        kind is ColumnKind.Text or ColumnKind.Integer or ColumnKind.Boolean;

    /// <summary>The value in invariant form, empty when it is missing. Integers are written into the buffer, of 20 characters or more.</summary>
    public static ReadOnlySpan<char> Of(
        ColumnBatch values,
        ColumnKind kind,
        int row,
        Span<char> buffer
    )
    {
        if (values.Missing is { } missing && missing[row])
            return default;
        switch (kind)
        {
            case ColumnKind.Integer:
                values.Integers![row].TryFormat(buffer, out var length);
                return buffer[..length];
            case ColumnKind.Boolean:
                return values.Booleans![row] ? "true" : "false";
            default:
                return values.Texts![row];
        }
    }
}
