using System.Text.Json;

namespace OrleansMl.Contracts.Serving.Events;

/// <summary>An event as readers get it.</summary>
public sealed record EventRecord
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its key; null: none.</summary>
    public string? Key { get; init; }

    /// <summary>Its kind; empty: none.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Its place there.</summary>
    public required long Position { get; init; }

    /// <summary>When it was appended.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>Its payload, where it is JSON.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Its payload, where it is not.</summary>
    public byte[]? DataBase64 { get; init; }
}
