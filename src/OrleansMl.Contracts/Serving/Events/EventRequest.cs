using System.Text.Json;

namespace OrleansMl.Contracts.Serving.Events;

/// <summary>An event as a publisher sends it by HTTP: its payload in <see cref="Data"/> or in <see cref="DataBase64"/>.</summary>
public sealed record EventRequest
{
    /// <summary>Its id, 1 to 200 characters; left out, the gateway makes one, and a repeated call is a second event.</summary>
    public string? Id { get; init; }

    /// <summary>Events of one key stay in their order.</summary>
    public string? Key { get; init; }

    /// <summary>What kind of event it is.</summary>
    public string? Type { get; init; }

    /// <summary>A payload that is JSON.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Any other payload.</summary>
    public byte[]? DataBase64 { get; init; }
}
