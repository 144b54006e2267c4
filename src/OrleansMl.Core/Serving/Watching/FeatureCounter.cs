using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Counts one input's or output's values. Not thread-safe.</summary>
internal sealed class FeatureCounter(FeatureProfile profile)
{
    private readonly long[] _bins = new long[profile.BinCount];
    private long _count;
    private long _missing;
    private double _sum;
    private double _squares;
    private double _minimum = double.PositiveInfinity;
    private double _maximum = double.NegativeInfinity;

    public void AddMissing() => _missing++;

    public void Add(double value)
    {
        _count++;
        _sum += value;
        _squares += value * value;
        if (value < _minimum)
            _minimum = value;
        if (value > _maximum)
            _maximum = value;
        if (_bins.Length > 0)
            _bins[profile.BinOf(value)]++;
    }

    /// <summary>Counts a category; true when the reference never had it.</summary>
    public bool Add(string category)
    {
        _count++;
        var bin = profile.BinOf(category);
        _bins[bin]++;
        return bin == _bins.Length - 1;
    }

    public FeatureCounts ToCounts() =>
        new()
        {
            Bins = [.. _bins],
            Count = _count,
            Missing = _missing,
            Sum = _sum,
            SquaredSum = _squares,
            Minimum = _count > 0 && !profile.IsCategory ? _minimum : null,
            Maximum = _count > 0 && !profile.IsCategory ? _maximum : null,
        };
}
