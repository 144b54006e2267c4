namespace OrleansMl.Client.Serving.Resilience;

/// <summary>A bucket of hedges: each call puts a part of one in, each hedge takes one out. Safe for threads.</summary>
internal sealed class HedgingBudget(double share, int burst)
{
    // In thousandths of a hedge, so that it can be counted without a lock.
    private readonly long _share = Math.Max(1, (long)(share * 1000));
    private readonly long _full = burst * 1000L;
    private long _left = burst * 1000L;

    /// <summary>A call begins.</summary>
    public void Call()
    {
        var left = Volatile.Read(ref _left);
        while (left < _full)
        {
            var seen = Interlocked.CompareExchange(ref _left, Math.Min(_full, left + _share), left);
            if (seen == left)
                return;
            left = seen;
        }
    }

    /// <summary>Takes a hedge; false when none is left.</summary>
    public bool TryTake()
    {
        var left = Volatile.Read(ref _left);
        while (left >= 1000)
        {
            var seen = Interlocked.CompareExchange(ref _left, left - 1000, left);
            if (seen == left)
                return true;
            left = seen;
        }
        return false;
    }
}
