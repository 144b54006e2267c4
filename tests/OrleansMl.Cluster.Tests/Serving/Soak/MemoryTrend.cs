namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>
/// Whether a figure grows. Of each minute the lowest sample counts, which is nearest to what is really kept: above it lies what the
/// collector has not taken yet. The slope is Theil's and Sen's: the median of the slopes between all pairs of minutes, which a few odd
/// minutes don't move.
/// </summary>
internal static class MemoryTrend
{
    /// <summary>Minutes, after warm-up, below which a slope says nothing.</summary>
    public const int LeastMinutes = 8;

    /// <summary>Bytes a minute, from samples by their minute since the start; null: too few minutes.</summary>
    public static double? Slope(IEnumerable<(double Minute, double Bytes)> samples, double warmUp)
    {
        var lows = samples
            .Where(sample => sample.Minute >= warmUp)
            .GroupBy(sample => (int)Math.Floor(sample.Minute))
            .Select(minute => (minute.Key, Low: minute.Min(sample => sample.Bytes)))
            .OrderBy(minute => minute.Key)
            .ToList();
        if (lows.Count < LeastMinutes)
            return null;
        var slopes = new List<double>();
        for (var i = 0; i < lows.Count; i++)
        {
            for (var j = i + 1; j < lows.Count; j++)
                slopes.Add((lows[j].Low - lows[i].Low) / (lows[j].Key - lows[i].Key));
        }
        slopes.Sort();
        var middle = slopes.Count / 2;
        return slopes.Count % 2 == 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2;
    }
}
