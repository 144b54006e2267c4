namespace OrleansMl.Core.Serving.Watching;

/// <summary>
/// How far counts over bins or categories are from a reference's over the same. Shares p are the live ones, q the reference's.
/// All need a value on either side.
/// </summary>
public static class DistributionDistances
{
    /// <summary>
    /// The share that an empty bin counts as in <see cref="PopulationStability"/>, where ln(0) would make one value of a bin
    /// that the reference never had outweigh everything.
    /// </summary>
    public const double LeastShare = 1e-4;

    /// <summary>
    /// The population stability index, Σ (p − q) · ln(p / q): the sum of both Kullback-Leibler divergences (Jeffreys, 1946).
    /// Credit scoring reads below 0.1 as no, 0.1 to 0.25 as some and above as a large change (Siddiqi, Credit Risk Scorecards,
    /// 2006). Of n live values alike it is about (bins − 1) · (1/n + 1/m) for a reference of m (Yurdakul and Naranjo, Journal of
    /// Risk Model Validation 14(3), 2020), so that few values need a larger bound. Shares below <see cref="LeastShare"/> count as that.
    /// </summary>
    public static double PopulationStability(
        IReadOnlyList<long> live,
        IReadOnlyList<long> reference
    )
    {
        var (n, m) = Totals(live, reference);
        var sum = 0.0;
        for (var i = 0; i < live.Count; i++)
        {
            var p = Math.Max(LeastShare, live[i] / n);
            var q = Math.Max(LeastShare, reference[i] / m);
            sum += (p - q) * Math.Log(p / q);
        }
        return sum;
    }

    /// <summary>
    /// The Jensen-Shannon distance to the base 2, √(½ Σ p log₂(p/a) + ½ Σ q log₂(q/a)) with a = (p + q) / 2: a metric, 0 for the
    /// same shares to 1 for none in common (Endres and Schindelin, IEEE Transactions on Information Theory 49(7), 2003).
    /// </summary>
    public static double JensenShannon(IReadOnlyList<long> live, IReadOnlyList<long> reference)
    {
        var (n, m) = Totals(live, reference);
        var sum = 0.0;
        for (var i = 0; i < live.Count; i++)
        {
            var (p, q) = (live[i] / n, reference[i] / m);
            var middle = (p + q) / 2;
            if (p > 0)
                sum += p * Math.Log2(p / middle);
            if (q > 0)
                sum += q * Math.Log2(q / middle);
        }
        // Rounding may leave the sum of the same shares a little off zero.
        return Math.Sqrt(Math.Clamp(sum / 2, 0, 1));
    }

    /// <summary>The L∞ (Chebyshev) distance, max |p − q|: the largest change of any one share, which says at once what it is about.</summary>
    public static double Chebyshev(IReadOnlyList<long> live, IReadOnlyList<long> reference)
    {
        var (n, m) = Totals(live, reference);
        var most = 0.0;
        for (var i = 0; i < live.Count; i++)
            most = Math.Max(most, Math.Abs((live[i] / n) - (reference[i] / m)));
        return most;
    }

    private static (double Live, double Reference) Totals(
        IReadOnlyList<long> live,
        IReadOnlyList<long> reference
    )
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(reference);
        if (live.Count != reference.Count)
            throw new ArgumentException(
                $"Expected as many live bins as the reference's {reference.Count}, got {live.Count}.",
                nameof(live)
            );
        var (n, m) = (live.Sum(), reference.Sum());
        return n > 0 && m > 0
            ? (n, m)
            : throw new ArgumentException(
                $"Expected values on both sides, got {n} live ones and {m} of the reference.",
                nameof(live)
            );
    }
}
