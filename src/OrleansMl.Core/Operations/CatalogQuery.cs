namespace OrleansMl.Core.Operations;

/// <summary>A page of the catalogue, newest first.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Statuses">Only these; empty means all.</param>
/// <param name="KeyPrefix">Only keys that begin so; null means all.</param>
/// <param name="Offset">Rows to pass over.</param>
/// <param name="Limit">Rows at the most, 1 to 1,000.</param>
public sealed record CatalogQuery(
    string Kind,
    IReadOnlyCollection<string> Statuses,
    string? KeyPrefix = null,
    int Offset = 0,
    int Limit = 100
);
