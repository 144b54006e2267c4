namespace OrleansMl.Client;

/// <summary>One call of the gateway, which may take several tries: it reads, or carries an id that makes a repetition harmless.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query below the endpoint, without a slash in front.</param>
internal sealed record GatewayCall(HttpMethod Method, string Path)
{
    /// <summary>Makes the body, anew for every try; null when there is none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Media type wanted.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>Value of <c>Last-Event-ID</c>, for streams of events.</summary>
    public string? LastEventId { get; init; }

    /// <summary>Give the answer as soon as its head is there and leave the body to the caller.</summary>
    public bool Streamed { get; init; }

    /// <summary>Long: bounded by <see cref="OrleansMlClientOptions.TransferTimeout"/>, in one try and in all.</summary>
    public bool Transfer { get; init; }

    public override string ToString() => $"{Method} /{Path}";
}
