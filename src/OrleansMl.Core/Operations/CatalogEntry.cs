namespace OrleansMl.Core.Operations;

/// <summary>A row of the catalogue: enough to list a thing without waking its grain.</summary>
/// <param name="Kind">What it is, see <see cref="CatalogKinds"/>.</param>
/// <param name="Key">Its grain key.</param>
/// <param name="Status">A phase or state to filter and count by; empty when there is none.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Summary">A small JSON object for lists, at most 16 KiB.</param>
public sealed record CatalogEntry(
    string Kind,
    string Key,
    string Status,
    DateTimeOffset CreatedAt,
    string Summary
);
