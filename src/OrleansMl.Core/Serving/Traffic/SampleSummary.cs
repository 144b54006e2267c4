namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Observations by their sums.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="SumOfSquares">The sum of their squares.</param>
public readonly record struct SampleSummary(long Count, double Sum, double SumOfSquares)
{
    /// <summary>The mean.</summary>
    public double Mean => Sum / Count;

    /// <summary>The unbiased variance; of two observations and more.</summary>
    public double Variance => Math.Max(0, SumOfSquares - (Count * Mean * Mean)) / (Count - 1);
}
