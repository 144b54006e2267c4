using System.Globalization;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Sums up one column over the rows of one split, a row at a time.</summary>
internal sealed class ColumnAccumulator(
    DatasetColumn column,
    StatisticsLimits limits,
    StatisticsBudget budget,
    int quantiles,
    int quantileCapacity
)
{
    // Of a long vector, so many elements a row are enough for its distribution; which ones changes from row to row.
    private const int ElementsPerRow = 16;

    private readonly QuantileSketch? _sketch = quantiles > 0 ? new(quantileCapacity) : null;
    private readonly Dictionary<string, long> _texts = [];
    private readonly Dictionary<long, long> _integers = [];
    private readonly long[] _pixels = new long[column.Kind == ColumnKind.Image ? 256 : 0];
    private long _false;
    private long _true;
    private bool _truncated;
    private Moments _moments;
    private double _minimum = double.PositiveInfinity;
    private double _maximum = double.NegativeInfinity;

    public long Count { get; private set; }

    public long Missing { get; private set; }

    public void AddMissing() => Missing++;

    public void AddNumber(double value)
    {
        Count++;
        AddValue(value);
    }

    public void AddInteger(long value)
    {
        Count++;
        AddValue(value);
        if (_integers.TryGetValue(value, out var count))
            _integers[value] = count + 1;
        else if (_integers.Count < limits.DistinctValues && budget.TryTake(0))
            _integers.Add(value, 1);
        else
            _truncated = true;
    }

    public void AddBoolean(bool value)
    {
        Count++;
        if (value)
            _true++;
        else
            _false++;
    }

    public void AddText(string value)
    {
        Count++;
        if (_texts.TryGetValue(value, out var count))
            _texts[value] = count + 1;
        else if (
            _texts.Count < limits.DistinctValues
            && value.Length <= limits.ValueLength
            && budget.TryTake(value.Length)
        )
            _texts.Add(value, 1);
        else
            _truncated = true;
    }

    public void AddPixels(ReadOnlySpan<byte> pixels)
    {
        Count++;
        var histogram = _pixels;
        foreach (var pixel in pixels)
            histogram[pixel]++;
    }

    public void AddVector(ReadOnlySpan<float> values)
    {
        Count++;
        foreach (var value in values)
            AddMoments(value);
        var step = Math.Max(1, values.Length / ElementsPerRow);
        for (var i = (int)(Count % step); i < values.Length && _sketch is not null; i += step)
            _sketch.Add(values[i]);
    }

    public ColumnStatistics ToStatistics()
    {
        var (moments, minimum, maximum) =
            column.Kind == ColumnKind.Image ? OfPixels() : (_moments, _minimum, _maximum);
        var known = moments.Count > 0;
        return ValueCounts.Trim(
            new ColumnStatistics
            {
                Column = column.Name,
                Count = Count,
                Missing = Missing,
                Minimum = known ? minimum : null,
                Maximum = known ? maximum : null,
                Mean = known ? moments.Mean : null,
                StandardDeviation = known ? moments.StandardDeviation : null,
                Values = [.. ValueCounts.Sort(Values())],
                ValuesTruncated = _truncated,
                Quantiles = Quantiles(),
            },
            limits
        );
    }

    private void AddValue(double value)
    {
        AddMoments(value);
        _sketch?.Add(value);
    }

    private void AddMoments(double value)
    {
        _moments.Add(value);
        if (value < _minimum)
            _minimum = value;
        if (value > _maximum)
            _maximum = value;
    }

    private (Moments, double, double) OfPixels()
    {
        var moments = default(Moments);
        for (var value = 0; value < _pixels.Length; value++)
            moments = moments.Combine(Moments.Of(_pixels[value], value / 255.0, 0));
        var lowest = Array.FindIndex(_pixels, n => n > 0);
        var highest = Array.FindLastIndex(_pixels, n => n > 0);
        return (moments, lowest / 255.0, highest / 255.0);
    }

    private IReadOnlyList<QuantilePoint> Quantiles()
    {
        if (_sketch is null)
            return [];
        if (column.Kind != ColumnKind.Image)
            return _sketch.ToPoints(quantiles);
        return QuantilePoints.Thin(
            QuantilePoints.Of(
                _pixels
                    .Select((count, value) => (value / 255.0, count))
                    .Where(pixel => pixel.count > 0)
            ),
            quantiles
        );
    }

    private IEnumerable<ValueCount> Values()
    {
        foreach (var (value, count) in _texts)
            yield return new ValueCount { Value = value, Count = count };
        foreach (var (value, count) in _integers)
            yield return new ValueCount
            {
                Value = value.ToString(CultureInfo.InvariantCulture),
                Count = count,
            };
        if (_false > 0)
            yield return new ValueCount { Value = "false", Count = _false };
        if (_true > 0)
            yield return new ValueCount { Value = "true", Count = _true };
    }
}
