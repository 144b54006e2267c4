using System.Collections.Concurrent;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

/// <summary>Counts reads of another store, and can hold them at a gate.</summary>
internal sealed class CountingArtifactStore(LocalArtifactStore inner)
    : IArtifactStore,
        IArtifactExpiry
{
    public ConcurrentQueue<(ArtifactId Id, ArtifactRange? Range)> Reads { get; } = new();

    public Task Gate { get; set; } = Task.CompletedTask;

    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken) =>
        inner.PutAsync(content, cancellationToken);

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        inner.FindAsync(id, cancellationToken);

    public async Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    )
    {
        Reads.Enqueue((id, range));
        await Gate.WaitAsync(cancellationToken);
        return await inner.OpenReadAsync(id, range, cancellationToken);
    }

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
        inner.ListAsync(cancellationToken);

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        inner.DeleteAsync(id, cancellationToken);

    public Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    ) => inner.DeleteOlderAsync(id, storedBefore, cancellationToken);
}
