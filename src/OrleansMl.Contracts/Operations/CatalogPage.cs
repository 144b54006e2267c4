namespace OrleansMl.Contracts.Operations;

/// <summary>A page of a list, newest first.</summary>
public sealed record CatalogPage
{
    /// <summary>The things.</summary>
    public required IReadOnlyList<CatalogItem> Items { get; init; }

    /// <summary>How many were passed over.</summary>
    public int Offset { get; init; }

    /// <summary>The most that a page has.</summary>
    public int Limit { get; init; }

    /// <summary>The next page's offset; null on the last one.</summary>
    public int? Next { get; init; }
}
