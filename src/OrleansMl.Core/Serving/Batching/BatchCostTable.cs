namespace OrleansMl.Core.Serving.Batching;

/// <summary>
/// What runs of each size cost, as measured: a table and no line, because a run of two may cost what a run of one does. Recent
/// runs count more. Not thread-safe.
/// </summary>
public sealed class BatchCostTable
{
    // A run in eight: follows a change within some twenty runs, and one slow run moves it little.
    private const int Weight = 8;

    // A size is about as good as the best when a row costs so many times as much at most.
    private const double Efficient = 1.5;

    private long[] _ticks = [];

    /// <summary>The smallest measured size at which a row costs about as little as at the best one; 1 while nothing was measured.</summary>
    public int EfficientRows
    {
        get
        {
            var least = double.MaxValue;
            for (var i = 0; i < _ticks.Length; i++)
            {
                if (_ticks[i] > 0)
                    least = Math.Min(least, RowTicks(i));
            }
            for (var i = 0; i < _ticks.Length; i++)
            {
                if (_ticks[i] > 0 && RowTicks(i) <= least * Efficient)
                    return BatchSizes.LargestOf(i);
            }
            return 1;
        }
    }

    /// <summary>Notes a run.</summary>
    public void Record(int rows, long ticks)
    {
        var at = BatchSizes.ClassOf(rows);
        if (at >= _ticks.Length)
            Array.Resize(ref _ticks, at + 1);
        // 0 says that it was never measured.
        ticks = Math.Max(1, ticks);
        if (_ticks[at] == 0)
        {
            _ticks[at] = ticks;
            return;
        }
        // A run that lost its processor for a while says nothing of the model: it counts as twice the usual at most.
        ticks = Math.Min(ticks, 2 * _ticks[at]);
        _ticks[at] = Math.Max(1, _ticks[at] + ((ticks - _ticks[at]) / Weight));
    }

    /// <summary>What a run of so many rows cost; 0: none of its size was measured.</summary>
    public long Of(int rows)
    {
        var at = BatchSizes.ClassOf(rows);
        return at < _ticks.Length ? _ticks[at] : 0;
    }

    /// <summary>
    /// What a run of so many rows costs at least, in the clock's ticks: its own measure, else what is sure from others: no less than
    /// a smaller one, and no less a row than a larger one. 0 when nothing is known.
    /// </summary>
    public long AtLeast(int rows)
    {
        var at = BatchSizes.ClassOf(rows);
        if (at < _ticks.Length && _ticks[at] > 0)
            return _ticks[at];
        var least = 0L;
        for (var i = 0; i < _ticks.Length; i++)
        {
            if (i < at)
                least = Math.Max(least, _ticks[i]);
            else if (_ticks[i] > 0)
                least = Math.Max(least, (long)((double)_ticks[i] * rows / BatchSizes.LargestOf(i)));
        }
        return least;
    }

    private double RowTicks(int sizeClass) =>
        (double)_ticks[sizeClass] / BatchSizes.LargestOf(sizeClass);
}
