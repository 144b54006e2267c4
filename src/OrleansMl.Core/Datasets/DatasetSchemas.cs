using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Rules about a dataset's columns.</summary>
public static class DatasetSchemas
{
    /// <summary>A kind and shape in words, for messages: <c>Image 28x28x1</c>.</summary>
    public static string Describe(DatasetColumn column) =>
        column.Shape.Count == 0
            ? $"{column.Kind}"
            : $"{column.Kind} {string.Join('x', column.Shape)}";

    /// <summary>The schema of a version that rows of <paramref name="added"/> are appended to: the parent's, nullable where either is.</summary>
    /// <exception cref="InvalidInputException">A column is missing, extra, or of another kind or shape; the message names it.</exception>
    public static IReadOnlyList<DatasetColumn> Append(
        DatasetManifest parent,
        IReadOnlyList<DatasetColumn> added
    )
    {
        foreach (var column in added)
            if (parent.Schema.All(c => c.Name != column.Name))
                throw new InvalidInputException(
                    $"Can't append to {parent.Id}: it has no column '{column.Name}' ({Describe(column)}); expected the columns {Names(parent.Schema)}."
                );
        return
        [
            .. parent.Schema.Select(expected =>
            {
                var got =
                    added.FirstOrDefault(c => c.Name == expected.Name)
                    ?? throw new InvalidInputException(
                        $"Can't append to {parent.Id}: expected a column '{expected.Name}' ({Describe(expected)}), got only {Names(added)}."
                    );
                if (got.Kind != expected.Kind || !got.Shape.SequenceEqual(expected.Shape))
                    throw new InvalidInputException(
                        $"Can't append to {parent.Id}: column '{expected.Name}' expected {Describe(expected)}, got {Describe(got)}."
                    );
                return expected with { Nullable = expected.Nullable || got.Nullable };
            }),
        ];
    }

    private static string Names(IReadOnlyList<DatasetColumn> columns) =>
        string.Join(", ", columns.Select(c => $"'{c.Name}'"));
}
