using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>Bytes that are wholly on the local disk, hashed and flushed, but not yet in a store under their name. Disposed without a commit, they are gone.</summary>
internal sealed class StagedArtifact(
    LocalArtifactStore store,
    string path,
    FileStream file,
    ArtifactId id,
    long bytes
) : IDisposable
{
    private bool _ended;

    public ArtifactId Id { get; } = id;

    public long Bytes { get; } = bytes;

    /// <summary>A stream over the bytes from their beginning, that can seek.</summary>
    public Stream OpenRead()
    {
        file.Position = 0;
        return new UnownedStream(file);
    }

    /// <summary>Gives the bytes their name, durably.</summary>
    public ArtifactInfo Commit()
    {
        var info = store.Commit(path, file, Id, Bytes);
        _ended = true;
        file.Dispose();
        return info;
    }

    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        File.Delete(path);
        file.Dispose();
    }
}
