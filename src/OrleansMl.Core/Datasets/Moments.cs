namespace OrleansMl.Core.Datasets;

/// <summary>Count, mean and sum of squared deviations: one value at a time (Welford) or two sets at once (Chan).</summary>
internal struct Moments
{
    public double Count { get; private set; }

    public double Mean { get; private set; }

    public double SquaredDeviations { get; private set; }

    /// <summary>Population standard deviation; 0 of nothing.</summary>
    public readonly double StandardDeviation =>
        Count > 0 ? Math.Sqrt(Math.Max(0, SquaredDeviations / Count)) : 0;

    /// <summary>The moments of values already summed up.</summary>
    public static Moments Of(double count, double mean, double standardDeviation) =>
        new()
        {
            Count = count,
            Mean = mean,
            SquaredDeviations = standardDeviation * standardDeviation * count,
        };

    public void Add(double value)
    {
        Count++;
        var delta = value - Mean;
        Mean += delta / Count;
        SquaredDeviations += delta * (value - Mean);
    }

    public readonly Moments Combine(Moments other)
    {
        if (other.Count == 0)
            return this;
        if (Count == 0)
            return other;
        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        return new Moments
        {
            Count = count,
            Mean = Mean + (delta * (other.Count / count)),
            SquaredDeviations =
                SquaredDeviations
                + other.SquaredDeviations
                + (delta * delta * (Count * other.Count / count)),
        };
    }
}
