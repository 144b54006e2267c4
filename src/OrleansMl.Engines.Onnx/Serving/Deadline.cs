namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>Does something once after a time, unless disposed before; after Dispose has returned it neither runs nor will.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Action _action;
    private readonly ITimer _timer;
    private bool _ended;

    public Deadline(TimeProvider time, TimeSpan after, Action action)
    {
        _action = action;
        _timer = time.CreateTimer(
            static state => ((Deadline)state!).Fire(),
            this,
            after,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>Whether the time was over.</summary>
    public bool Passed { get; private set; }

    public void Dispose()
    {
        lock (_lock)
            _ended = true;
        _timer.Dispose();
    }

    private void Fire()
    {
        // Under the lock: what the action touches is freed once Dispose has returned.
        lock (_lock)
        {
            if (_ended)
                return;
            _ended = true;
            Passed = true;
            _action();
        }
    }
}
