using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Gateway.Datasets;

/// <summary>The ask to import files that this silo can read.</summary>
internal sealed record ImportPathRequest
{
    /// <summary>Absolute paths of files, under one of the import roots.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>How.</summary>
    public DatasetImportOptions? Options { get; init; }
}
