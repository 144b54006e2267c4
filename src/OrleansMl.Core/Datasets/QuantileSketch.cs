using System.Numerics;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>
/// The cumulative distribution of a stream of numbers in little memory: the summary of Greenwald and Khanna (2001), with equal values
/// kept together. Of a stream of n values every rank is off by at most ε·n, ε = 2/capacity, whatever the order and however often
/// values repeat; up to <c>capacity</c> different values are exact, and so are the least, the largest and the count. A value that makes up more than
/// 2ε of the stream all along is never lost, with its own number exact. Kept are some <c>capacity</c> values, at the most the paper's
/// (11/2ε)·log₂(2εn), and a buffer of <c>capacity</c>. Nothing is random: the same stream gives the same points. Not thread-safe.
/// </summary>
/// <remarks>
/// Each kept value has three numbers. <c>equal</c>: values of the stream that are known to be it. <c>below</c>: values that are known to be
/// below it and above the kept one before, when they came, but have been let go. <c>slack</c>: how many values below it may be counted with later
/// ones. So the count of values up to the i-th is from R, the sum of equal and below up to it, to R + slack; and the error is bounded while
/// below + slack ≤ 2εn for each: what is let go, adding its numbers to the next one's below, keeps to that.
/// </remarks>
internal sealed class QuantileSketch(int capacity)
{
    private double[] _values = [];
    private long[] _equal = [];
    private long[] _below = [];
    private long[] _slack = [];
    private int _count;
    private long _total;
    private double[] _buffer = [];
    private int _buffered;

    /// <summary>Values kept, those in the buffer left out.</summary>
    public int Kept => _count;

    public void Add(double value)
    {
        if (!double.IsFinite(value))
            return;
        if (_buffered == _buffer.Length)
        {
            if (_buffer.Length >= capacity)
                Flush();
            else
                Array.Resize(ref _buffer, Math.Min(capacity, Math.Max(16, 2 * _buffer.Length)));
        }
        // A negative zero would sort before zero and be another value.
        _buffer[_buffered++] = value + 0.0;
    }

    /// <summary>At most so many points, or none of a stream without finite numbers.</summary>
    public IReadOnlyList<QuantilePoint> ToPoints(int most)
    {
        Flush();
        var (certain, rank) = (0L, 0L);
        var points = new QuantilePoint[_count];
        for (var i = 0; i < _count; i++)
        {
            certain += _equal[i] + _below[i];
            // The middle of what is possible; each value counts one more than the one before at the least.
            rank = Math.Max(rank + 1, certain + (_slack[i] / 2));
            points[i] = new QuantilePoint { Value = _values[i], Rank = rank };
        }
        return QuantilePoints.Thin(points, most);
    }

    /// <summary>Puts the buffered values among those kept.</summary>
    private void Flush()
    {
        if (_buffered == 0)
            return;
        Array.Sort(_buffer, 0, _buffered);
        var most = _count + _buffered;
        var (values, equal) = (new double[most], new long[most]);
        var (below, slack) = (new long[most], new long[most]);
        var (merged, old, added) = (0, 0, 0);
        while (old < _count || added < _buffered)
        {
            if (old < _count && (added == _buffered || _values[old] <= _buffer[added]))
            {
                (values[merged], equal[merged]) = (_values[old], _equal[old]);
                (below[merged], slack[merged]) = (_below[old], _slack[old]);
                old++;
            }
            else
            {
                // Of those let go before the next kept one, some may be below this one.
                (values[merged], equal[merged]) = (_buffer[added++], 1);
                slack[merged] = old < _count ? _below[old] + _slack[old] : 0;
            }
            for (; added < _buffered && _buffer[added] == values[merged]; added++)
                equal[merged]++;
            merged++;
        }
        _total += _buffered;
        (_values, _equal, _below, _slack) = (values, equal, below, slack);
        (_count, _buffered) = (merged, 0);
        if (_count > capacity)
            Compress();
    }

    /// <summary>Lets values go, from the right: each with those on its left that are of lower bands, where the next one can take them. The least and the largest stay.</summary>
    private void Compress()
    {
        // 2εn
        var bound = 4 * _total / capacity;
        var kept = _count - 1;
        var i = _count - 2;
        while (i >= 1)
        {
            var band = Band(_slack[i], bound);
            var (first, numbers) = (i, _equal[i] + _below[i]);
            while (first > 1 && Band(_slack[first - 1], bound) < band)
            {
                first--;
                numbers += _equal[first] + _below[first];
            }
            if (band <= Band(_slack[kept], bound) && numbers + _below[kept] + _slack[kept] <= bound)
            {
                _below[kept] += numbers;
                i = first - 1;
            }
            else
                Move(i--, --kept);
        }
        Move(0, --kept);
        _count -= kept;
        for (i = 0; kept > 0 && i < _count; i++)
            Move(kept + i, i);
    }

    private void Move(int from, int to)
    {
        (_values[to], _equal[to]) = (_values[from], _equal[from]);
        (_below[to], _slack[to]) = (_below[from], _slack[from]);
    }

    /// <summary>The paper's bands: values that came when the bound was about as large are of one band, older ones of higher ones.</summary>
    private static int Band(long slack, long bound)
    {
        if (slack == 0)
            return 64;
        if (slack >= bound)
            return 0;
        // bound − 2^band − (bound mod 2^band) < slack ≤ bound − 2^(band−1) − (bound mod 2^(band−1))
        var band = BitOperations.Log2((ulong)(bound - slack)) + 1;
        while (band > 1 && slack > bound - Step(band - 1, bound))
            band--;
        while (slack <= bound - Step(band, bound))
            band++;
        return band;
    }

    private static long Step(int band, long bound) => (1L << band) + (bound & ((1L << band) - 1));
}
