using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>
/// The cumulative distribution of a stream of numbers in bounded memory: at most <c>capacity</c> of the values seen, each with the
/// number of values above the one before it and not above itself. When there are too many, the half of them at even ranks stays,
/// and a value that goes leaves its number to the next. So the rank of a value kept from when it was first seen is exact, any
/// other's is off by some 2/capacity of the stream, and by more as halvings follow each other: the parts of a number that go up
/// add up. Over 40,000 values at a capacity of 256 that stays below 8/capacity. A value that makes up much of the stream keeps
/// its exact place. The same stream gives the same points. Not thread-safe.
/// </summary>
internal sealed class QuantileSketch(int capacity)
{
    private double[] _values = [];
    private long[] _weights = [];
    private int _count;
    private double[] _buffer = [];
    private int _buffered;

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
        var rank = 0L;
        var points = new QuantilePoint[_count];
        for (var i = 0; i < _count; i++)
            points[i] = new QuantilePoint { Value = _values[i], Rank = rank += _weights[i] };
        return QuantilePoints.Thin(points, most);
    }

    private void Flush()
    {
        Array.Sort(_buffer, 0, _buffered);
        var values = new double[_count + _buffered];
        var weights = new long[values.Length];
        var (merged, old, added) = (0, 0, 0);
        while (old < _count || added < _buffered)
        {
            var fromOld = added == _buffered || (old < _count && _values[old] <= _buffer[added]);
            var value = fromOld ? _values[old] : _buffer[added];
            if (merged == 0 || values[merged - 1] != value)
                values[merged++] = value;
            weights[merged - 1] += fromOld ? _weights[old++] : 1;
            if (!fromOld)
                added++;
        }
        (_values, _weights, _count, _buffered) = (values, weights, merged, 0);
        if (_count > capacity)
            Compress();
    }

    private void Compress()
    {
        var total = 0L;
        for (var i = 0; i < _count; i++)
            total += _weights[i];
        var kept = 0;
        var (rank, pending, next) = (0L, 0L, 1L);
        var parts = Math.Max(1, capacity / 2);
        for (var i = 0; i < _count; i++)
        {
            rank += _weights[i];
            pending += _weights[i];
            if (i > 0 && i < _count - 1 && rank * parts < next * total)
                continue;
            (_values[kept], _weights[kept]) = (_values[i], pending);
            kept++;
            pending = 0;
            next = (rank * parts / total) + 1;
        }
        _count = kept;
    }
}
