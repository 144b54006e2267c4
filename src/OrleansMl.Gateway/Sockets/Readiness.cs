using System.Threading.Tasks.Sources;

namespace OrleansMl.Gateway.Sockets;

/// <summary>
/// Whether a socket may be read, or written: set by the loop, awaited by one owner, who goes on on the thread that sets it. Clear it
/// before the call that finds out; what becomes ready in between is then not lost.
/// </summary>
internal sealed class Readiness : IValueTaskSource
{
    private const int Unknown = 0;
    private const int Ready = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    /// <summary>Sets it; whoever waits goes on within this call.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _state, Ready) == Awaited)
            _source.SetResult(true);
    }

    /// <summary>Forgets it.</summary>
    public void Clear() => Interlocked.Exchange(ref _state, Unknown);

    /// <summary>Waits until it is set.</summary>
    public ValueTask WaitAsync()
    {
        if (Volatile.Read(ref _state) == Ready)
            return default;
        _source.Reset();
        return Interlocked.CompareExchange(ref _state, Awaited, Unknown) == Unknown
            ? new ValueTask(this, _source.Version)
            : default;
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _source.OnCompleted(continuation, state, token, flags);
}
