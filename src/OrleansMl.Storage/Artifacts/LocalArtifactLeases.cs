using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Who holds which local file. Every step that gives a file its name or takes it away is here, under one lock, so that no
/// file goes while it is held and none that was just put again goes for being old. Thread-safe.
/// </summary>
internal sealed class LocalArtifactLeases
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ArtifactId, int> _held = [];
    private readonly HashSet<ArtifactId> _doomed = [];
    private readonly HashSet<ArtifactId> _verified = [];

    /// <summary>Whether it was deleted while held: gone for all but its holders.</summary>
    public bool IsDoomed(ArtifactId id)
    {
        lock (_lock)
            return _doomed.Contains(id);
    }

    /// <summary>Whether this process has seen the file's bytes match its name.</summary>
    public bool IsVerified(ArtifactId id)
    {
        lock (_lock)
            return _verified.Contains(id);
    }

    public void Verified(ArtifactId id)
    {
        lock (_lock)
            _verified.Add(id);
    }

    /// <summary>Forgets that the file was verified.</summary>
    public void Suspect(ArtifactId id)
    {
        lock (_lock)
            _verified.Remove(id);
    }

    /// <summary>Holds a file; null when there is none.</summary>
    public IArtifactLease? Acquire(ArtifactId id, string path)
    {
        lock (_lock)
        {
            if (_doomed.Contains(id) || !File.Exists(path))
                return null;
            _held[id] = _held.GetValueOrDefault(id) + 1;
            return new Lease(this, id, path);
        }
    }

    public void Move(ArtifactId id, string from, string to)
    {
        lock (_lock)
        {
            File.Move(from, to, overwrite: true);
            _doomed.Remove(id);
            _verified.Add(id);
        }
    }

    /// <summary>Deletes a file, or has its last holder delete it; false when there is none.</summary>
    public bool Delete(ArtifactId id, string path)
    {
        lock (_lock)
        {
            if (_doomed.Contains(id) || !File.Exists(path))
                return false;
            if (_held.ContainsKey(id))
                _doomed.Add(id);
            else
                Remove(id, path);
            return true;
        }
    }

    /// <summary>Deletes a file that nobody holds and that was put before a moment.</summary>
    public bool DeleteUnheld(ArtifactId id, string path, DateTimeOffset storedBefore)
    {
        lock (_lock)
        {
            if (
                _held.ContainsKey(id)
                || !File.Exists(path)
                || File.GetLastWriteTimeUtc(path) >= storedBefore.UtcDateTime
            )
                return false;
            Remove(id, path);
            return true;
        }
    }

    /// <summary>Makes a file the youngest; nothing happens when there is none.</summary>
    public void Touch(string path, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (File.Exists(path))
                File.SetLastWriteTimeUtc(path, now.UtcDateTime);
        }
    }

    private void Release(ArtifactId id, string path)
    {
        lock (_lock)
        {
            if (--_held[id] > 0)
                return;
            _held.Remove(id);
            if (_doomed.Remove(id))
                Remove(id, path);
        }
    }

    private void Remove(ArtifactId id, string path)
    {
        _verified.Remove(id);
        File.Delete(path);
    }

    private sealed class Lease(LocalArtifactLeases leases, ArtifactId id, string path)
        : IArtifactLease
    {
        private int _released;

        public string Path => path;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                leases.Release(id, path);
        }
    }
}
