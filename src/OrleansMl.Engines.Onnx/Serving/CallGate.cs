namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>Counts calls in flight and lets one closer wait for them; lock-free for the calls.</summary>
internal sealed class CallGate : IDisposable
{
    // The gate itself counts as one until it is closed.
    private readonly ManualResetEventSlim _idle = new();
    private int _inside = 1;
    private int _closed;

    /// <summary>Enters, unless the gate is closed; every true needs one <see cref="Exit"/>.</summary>
    public bool TryEnter()
    {
        var inside = Volatile.Read(ref _inside);
        while (inside > 0 && Volatile.Read(ref _closed) == 0)
        {
            var before = Interlocked.CompareExchange(ref _inside, inside + 1, inside);
            if (before == inside)
                return true;
            inside = before;
        }
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref _inside) == 0)
            _idle.Set();
    }

    /// <summary>Closes the gate and waits until everyone has left; false when it was closed already.</summary>
    public bool CloseAndWait()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return false;
        Exit();
        _idle.Wait();
        return true;
    }

    public void Dispose() => _idle.Dispose();
}
