using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>What to import.</summary>
public sealed record DatasetImportRequest
{
    /// <summary>The dataset's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary><c>idx</c>, <c>csv</c> or <c>parquet</c>; null: by the files' names and first bytes.</summary>
    public string? Format { get; init; }

    /// <summary>Files with the names they had where they come from.</summary>
    public required IReadOnlyList<DatasetSourceFile> Files { get; init; }

    /// <summary>How to split.</summary>
    public SplitPolicy Splits { get; init; } = new();

    /// <summary>Kinds that the caller sets, by column, in place of inferred ones.</summary>
    public IReadOnlyDictionary<string, ColumnKind> ColumnKinds { get; init; } =
        new Dictionary<string, ColumnKind>();

    /// <summary>The version to append to: its schema must fit, and its rows count in the statistics.</summary>
    public DatasetManifest? AppendTo { get; init; }

    /// <summary>Class names for an integer label column of an IDX import, by number; empty keeps the numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];
}
