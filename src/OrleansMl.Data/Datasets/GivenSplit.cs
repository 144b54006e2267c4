using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Splits that files or columns name.</summary>
internal static class GivenSplit
{
    /// <summary>The split of all rows of a file of a table: by its name when the policy is Given without a column, else null.</summary>
    public static byte? OfFile(string name, SplitPolicy policy) =>
        policy.Kind == SplitKind.Given && policy.Column is null
            ? DatasetSplits.OfFileName(name) ?? throw Unknown(name)
            : null;

    public static InvalidInputException Unknown(string name) =>
        new(
            $"{name}: can't tell its split: with given splits, expected 'train', 'validation' or 'test' in the file's name, or a column that names each row's split (splits.column)."
        );

    /// <summary>The split that a value of the split column names.</summary>
    public static byte OfValue(ReadOnlySpan<char> value, string column, long row) =>
        DatasetSplits.TryParse(value.Trim(), out var split)
            ? split
            : throw new InvalidInputException(
                $"Row {row + 1}, column '{column}': expected train, validation or test, got {(value.IsEmpty ? "no value" : $"'{value}'")}."
            );
}
