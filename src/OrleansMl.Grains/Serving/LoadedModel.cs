using OrleansMl.Contracts.Models;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving;
using OrleansMl.Grains.Serving.Batching;

namespace OrleansMl.Grains.Serving;

/// <summary>A model version in memory. It is disposed when it was let go and the last call on it has ended. Thread-safe.</summary>
internal sealed class LoadedModel(
    ModelVersionId version,
    IInferenceSession session,
    IArtifactLease file,
    VersionBatcher batcher,
    string? unbatched
)
{
    private readonly Lock _gate = new();
    private int _calls;
    private long _usedAt;
    private long _policyAt;
    private bool _released;

    public ModelVersionId Version { get; } = version;

    public IInferenceSession Session { get; } = session;

    public ModelSignature Signature => Session.Signature;

    public VersionBatcher Batcher => batcher;

    /// <summary>Why its calls never run together; null when they do.</summary>
    public string? Unbatched => unbatched;

    /// <summary>The clock's timestamp of its last call; 0: none.</summary>
    public long UsedAt
    {
        get => Volatile.Read(ref _usedAt);
        set => Volatile.Write(ref _usedAt, value);
    }

    /// <summary>The clock's timestamp of the last look at its policy.</summary>
    public long PolicyAt
    {
        get => Volatile.Read(ref _policyAt);
        set => Volatile.Write(ref _policyAt, value);
    }

    /// <summary>Keeps it in memory until <see cref="Exit"/>; false when it was let go already.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_released)
                return false;
            _calls++;
            return true;
        }
    }

    public void Exit()
    {
        bool last;
        lock (_gate)
            last = --_calls == 0 && _released;
        if (last)
            Free();
    }

    /// <summary>No further call gets in.</summary>
    public void Release()
    {
        bool last;
        lock (_gate)
        {
            if (_released)
                return;
            _released = true;
            last = _calls == 0;
        }
        if (last)
            Free();
    }

    private void Free()
    {
        batcher.Dispose();
        Session.Dispose();
        file.Dispose();
    }
}
