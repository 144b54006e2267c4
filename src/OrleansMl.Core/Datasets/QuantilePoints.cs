using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Works with points of cumulative distributions: value ascending, rank ascending, the last one's rank the count.</summary>
internal static class QuantilePoints
{
    /// <summary>Fewer points, at even ranks, the first and the last among them; their ranks stay as they are.</summary>
    public static IReadOnlyList<QuantilePoint> Thin(IReadOnlyList<QuantilePoint> points, int most)
    {
        if (points.Count <= most)
            return points;
        if (most < 2)
            return [];
        var total = points[^1].Rank;
        var parts = most - 1;
        var kept = new List<QuantilePoint>(most) { points[0] };
        var next = (points[0].Rank * parts / total) + 1;
        for (var i = 1; i < points.Count - 1 && kept.Count < parts; i++)
        {
            if (points[i].Rank * parts < next * total)
                continue;
            kept.Add(points[i]);
            next = (points[i].Rank * parts / total) + 1;
        }
        kept.Add(points[^1]);
        return kept;
    }

    /// <summary>The points of two sets of values together. A side's rank at a value of the other lies on the line between its own: it is off by their distance at the most, which is large just below a value that makes up much of that side.</summary>
    public static IReadOnlyList<QuantilePoint> Combine(
        IReadOnlyList<QuantilePoint> left,
        IReadOnlyList<QuantilePoint> right,
        int most
    )
    {
        if (left.Count == 0 || right.Count == 0)
            return left.Count == 0 ? right : left;
        var points = new List<QuantilePoint>(left.Count + right.Count);
        var (i, j) = (0, 0);
        while (i < left.Count || j < right.Count)
        {
            var value =
                j == right.Count || (i < left.Count && left[i].Value <= right[j].Value)
                    ? left[i].Value
                    : right[j].Value;
            while (i < left.Count && left[i].Value <= value)
                i++;
            while (j < right.Count && right[j].Value <= value)
                j++;
            points.Add(
                new QuantilePoint
                {
                    Value = value,
                    Rank = RankAt(left, i, value) + RankAt(right, j, value),
                }
            );
        }
        return Thin(points, most);
    }

    /// <summary>The values as points: exact.</summary>
    public static IReadOnlyList<QuantilePoint> Of(IEnumerable<(double Value, long Count)> values)
    {
        var rank = 0L;
        return
        [
            .. values
                .OrderBy(v => v.Value)
                .Select(v => new QuantilePoint { Value = v.Value, Rank = rank += v.Count }),
        ];
    }

    /// <summary>The value at a share of the count: the smallest point at or above it.</summary>
    public static double ValueAt(IReadOnlyList<QuantilePoint> points, double share)
    {
        var rank = share * points[^1].Rank;
        foreach (var point in points)
        {
            if (point.Rank >= rank)
                return point.Value;
        }
        return points[^1].Value;
    }

    // The points before 'after' are at or below the value.
    private static long RankAt(IReadOnlyList<QuantilePoint> points, int after, double value)
    {
        if (after == 0)
            return 0;
        var below = points[after - 1];
        if (after == points.Count || below.Value == value)
            return below.Rank;
        var above = points[after];
        var part = (value - below.Value) / (above.Value - below.Value);
        return below.Rank + (long)((above.Rank - below.Rank) * part);
    }
}
