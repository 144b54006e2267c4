using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Adds counts: over silos, over windows. In any order it gives the same numbers, but for rounding in sums of values.</summary>
public static class WatchCounts
{
    /// <summary>Two counts of the same profile; the result has the later window's number.</summary>
    public static WindowCounts Add(WindowCounts a, WindowCounts b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Features.Count != b.Features.Count)
            throw new ArgumentException(
                $"Expected {a.Features.Count} inputs and outputs, got {b.Features.Count}.",
                nameof(b)
            );
        return new WindowCounts
        {
            Window = Math.Max(a.Window, b.Window),
            Calls = a.Calls + b.Calls,
            Rows = a.Rows + b.Rows,
            Outliers = a.Outliers + b.Outliers,
            Features = [.. a.Features.Zip(b.Features, Add)],
        };
    }

    /// <summary>Several; null of none.</summary>
    public static WindowCounts? Sum(IEnumerable<WindowCounts> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        WindowCounts? sum = null;
        foreach (var count in counts)
            sum = sum is null ? count : Add(sum, count);
        return sum;
    }

    /// <summary>Whether counts have the form of a profile.</summary>
    public static bool Fit(WindowCounts counts, VersionProfile profile)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(profile);
        return counts.Features.Count == profile.Features.Count
            && counts
                .Features.Zip(profile.Features)
                .All(pair => pair.First.Bins.Count == pair.Second.BinCount);
    }

    private static FeatureCounts Add(FeatureCounts a, FeatureCounts b) =>
        new()
        {
            Bins = [.. a.Bins.Zip(b.Bins, (x, y) => x + y)],
            Count = a.Count + b.Count,
            Missing = a.Missing + b.Missing,
            Sum = a.Sum + b.Sum,
            SquaredSum = a.SquaredSum + b.SquaredSum,
            Minimum = Least(a.Minimum, b.Minimum),
            Maximum = -Least(-a.Maximum, -b.Maximum),
        };

    private static double? Least(double? a, double? b) =>
        a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;
}
