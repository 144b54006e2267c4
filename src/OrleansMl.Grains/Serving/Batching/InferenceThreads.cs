using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Grains.Serving.Batching;

/// <summary>
/// The silo's threads for what takes long, so that it never holds a thread of the pool, which silos live on. All versions share them:
/// a thread that is free goes to the version that has had the least of their time. Started with the first work, ended with the silo.
/// </summary>
internal sealed class InferenceThreads(int threads, TimeProvider time) : IDisposable
{
    // Threads wait on it; a Lock has no such thing.
    private readonly object _gate = new();
    private readonly FairShare<IInferenceWork> _share = new();
    private long _busy;
    private bool _started;
    private bool _stopped;

    public int Count => threads;

    /// <summary>Ticks that models ran in all, here or inline on callers' threads.</summary>
    public long BusyTicks => Interlocked.Read(ref _busy);

    /// <summary>Gives the seat's owner a turn, if it does not wait for one already.</summary>
    public void Add(FairShareSeat<IInferenceWork> seat)
    {
        lock (_gate)
        {
            if (!_started)
                Start();
            if (_share.Add(seat))
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Counts a run on a caller's own thread.</summary>
    public void AddInline(long ticks) => Interlocked.Add(ref _busy, ticks);

    /// <summary>The threads end when nothing waits any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _started = true;
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Start()
    {
        _started = true;
        for (var i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = $"inference-{i}" }.Start();
    }

    private void Work()
    {
        while (Take() is var (seat, expected))
        {
            var began = time.GetTimestamp();
            seat.Owner.Run();
            var spent = time.GetTimestamp() - began;
            Interlocked.Add(ref _busy, spent);
            lock (_gate)
                _share.Charge(seat, spent - expected);
        }
    }

    private (FairShareSeat<IInferenceWork> Seat, long Expected)? Take()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_share.Next() is { } seat)
                {
                    // Charged at once, so that a second thread does not think it has had nothing yet.
                    var expected = seat.Owner.ExpectedTicks;
                    _share.Charge(seat, expected);
                    return (seat, expected);
                }
                if (_stopped)
                    return null;
                Monitor.Wait(_gate);
            }
        }
    }
}
