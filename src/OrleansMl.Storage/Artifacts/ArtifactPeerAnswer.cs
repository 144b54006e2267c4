namespace OrleansMl.Storage.Artifacts;

/// <summary>An answer to another silo.</summary>
public sealed class ArtifactPeerAnswer : IAsyncDisposable
{
    /// <summary>200, 206, 400, 401, 404 or 416.</summary>
    public required int Status { get; init; }

    /// <summary>Headers to set: Content-Length, Content-Range, Accept-Ranges, Last-Modified.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } =
        new Dictionary<string, string>();

    /// <summary>The body, or null when there is none.</summary>
    public Stream? Body { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Body?.DisposeAsync() ?? ValueTask.CompletedTask;
}
