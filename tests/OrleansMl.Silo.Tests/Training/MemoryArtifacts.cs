using System.Collections.Concurrent;
using System.Text;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Silo.Tests.Training;

/// <summary>Artifacts in memory, with leases on files that it counts.</summary>
internal sealed class MemoryArtifacts(string directory) : IArtifactStore, ILocalArtifacts
{
    private readonly ConcurrentDictionary<ArtifactId, byte[]> _content = new();
    private int _leases;

    public int OpenLeases => Volatile.Read(ref _leases);

    public ArtifactId Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var id = ArtifactId.Of(bytes);
        _content[id] = bytes;
        return id;
    }

    public string Text(ArtifactId id) => Encoding.UTF8.GetString(_content[id]);

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var id = ArtifactId.Of(buffer.ToArray());
        _content[id] = buffer.ToArray();
        return new ArtifactInfo(id, buffer.Length, default);
    }

    public async Task<IArtifactLease> AcquireAsync(
        ArtifactId id,
        CancellationToken cancellationToken
    )
    {
        if (!_content.TryGetValue(id, out var bytes))
            throw new ArtifactNotFoundException($"No store has artifact {id}.");
        var path = Path.Combine(directory, id.Hex);
        await File.WriteAllBytesAsync(path, bytes, cancellationToken);
        Interlocked.Increment(ref _leases);
        return new Lease(path, () => Interlocked.Decrement(ref _leases));
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private sealed class Lease(string path, Action release) : IArtifactLease
    {
        public string Path => path;

        public void Dispose() => release();
    }
}
