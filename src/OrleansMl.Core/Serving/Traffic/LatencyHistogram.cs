namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Times in buckets, four for each doubling, from 1 µs to some 70 s: small, mergeable, and its percentiles are within 10 %.</summary>
public static class LatencyHistogram
{
    /// <summary>How many buckets there are.</summary>
    public const int Buckets = 105;

    private const int PerDoubling = 4;

    /// <summary>The bucket of a time in seconds.</summary>
    public static int Bucket(double seconds) =>
        seconds <= 1e-6 ? 0 : Math.Min(Buckets - 1, (int)(Math.Log2(seconds * 1e6) * PerDoubling));

    /// <summary>The time below which a part of the calls lies, in seconds, at its bucket's geometric middle; null without any.</summary>
    /// <param name="counts">Counts by bucket; may be empty.</param>
    /// <param name="part">0 to 1.</param>
    public static double? Percentile(IReadOnlyList<long> counts, double part)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var total = counts.Sum();
        if (total == 0)
            return null;
        var rank = Math.Max(1, (long)Math.Ceiling(part * total));
        var bucket = 0;
        for (long below = counts[0]; below < rank; below += counts[bucket])
            bucket++;
        return Math.Pow(2, (bucket + 0.5) / PerDoubling) * 1e-6;
    }
}
