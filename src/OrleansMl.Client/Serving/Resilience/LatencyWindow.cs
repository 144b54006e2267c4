namespace OrleansMl.Client.Serving.Resilience;

/// <summary>How long the last calls took, for a percentile of it. Safe for threads.</summary>
internal sealed class LatencyWindow(double percentile)
{
    /// <summary>Calls before there is a percentile.</summary>
    public const int Least = 20;

    private const int Size = 256;

    // The percentile moves slowly: it is worked out once for so many calls.
    private const int Step = 16;

    private readonly long[] _ticks = new long[Size];
    private readonly long[] _sorted = new long[Size];
    private readonly Lock _gate = new();
    private long _count;
    private long _percentile = -1;

    /// <summary>The time within which the share of calls was answered; null: too few were measured.</summary>
    public TimeSpan? Percentile =>
        Volatile.Read(ref _percentile) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>A call was answered.</summary>
    public void Add(TimeSpan duration)
    {
        lock (_gate)
        {
            _ticks[_count++ % Size] = duration.Ticks;
            if (_count < Least || (_count > Least && _count % Step != 0))
                return;
            var count = (int)Math.Min(_count, Size);
            _ticks.AsSpan(0, count).CopyTo(_sorted);
            _sorted.AsSpan(0, count).Sort();
            // The nearest rank: the least value that the share of calls does not exceed.
            Volatile.Write(ref _percentile, _sorted[(int)Math.Ceiling(percentile * count) - 1]);
        }
    }
}
