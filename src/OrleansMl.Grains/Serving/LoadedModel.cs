using OrleansMl.Contracts.Models;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving;

namespace OrleansMl.Grains.Serving;

/// <summary>A model version in memory. It is disposed when it was let go and the last call on it has ended. Thread-safe.</summary>
internal sealed class LoadedModel(
    ModelVersionId version,
    IInferenceSession session,
    IArtifactLease file,
    long bytes
)
{
    private readonly Lock _gate = new();
    private int _calls;
    private bool _released;

    public ModelVersionId Version { get; } = version;

    public IInferenceSession Session { get; } = session;

    public ModelSignature Signature => Session.Signature;

    public long Bytes { get; } = bytes;

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
        Session.Dispose();
        file.Dispose();
    }
}
