namespace OrleansMl.Contracts.Datasets;

/// <summary>Some rows of a dataset version.</summary>
public sealed record DatasetPreview
{
    /// <summary>The version.</summary>
    public required DatasetVersionId Dataset { get; init; }

    /// <summary>Rows passed over.</summary>
    public long Offset { get; init; }

    /// <summary>The rows.</summary>
    public required IReadOnlyList<DatasetPreviewRow> Rows { get; init; }
}
