using System.Text.Json;

namespace OrleansMl.Contracts.Operations;

/// <summary>One thing in a list.</summary>
public sealed record CatalogItem
{
    /// <summary>Its name or id.</summary>
    public required string Key { get; init; }

    /// <summary>Its phase or state; empty when it has none.</summary>
    public string Status { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The small JSON object that it keeps of itself for lists.</summary>
    public JsonElement Summary { get; init; }
}
