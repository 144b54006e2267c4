namespace OrleansMl.Contracts.Datasets;

/// <summary>How to import uploaded files.</summary>
public sealed record DatasetImportOptions
{
    /// <summary><c>idx</c>, <c>csv</c> or <c>parquet</c>; null: by the files' names and first bytes.</summary>
    public string? Format { get; init; }

    /// <summary>How to split; null: the default policy, or the parent's when appending.</summary>
    public SplitPolicy? Splits { get; init; }

    /// <summary>Kinds in place of inferred ones, by column.</summary>
    public IReadOnlyDictionary<string, ColumnKind>? ColumnKinds { get; init; }

    /// <summary>Class names for an integer label column of an IDX import, by number.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Whether the rows are added to the newest version, making the next one.</summary>
    public bool Append { get; init; }

    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    public string? CommandId { get; init; }
}
