using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Sums of tallies.</summary>
public static class ArmTallies
{
    /// <summary>Both together; they are of one version.</summary>
    public static ArmTally Add(ArmTally a, ArmTally b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a with
        {
            Requests = a.Requests + b.Requests,
            Errors = a.Errors + b.Errors,
            Seconds = a.Seconds + b.Seconds,
            SquaredSeconds = a.SquaredSeconds + b.SquaredSeconds,
            Latencies =
                a.Latencies.Count == 0 ? b.Latencies
                : b.Latencies.Count == 0 ? a.Latencies
                : [.. a.Latencies.Zip(b.Latencies, (x, y) => x + y)],
        };
    }

    /// <summary>A list with tallies added, by version.</summary>
    public static IReadOnlyList<ArmTally> Merge(
        IReadOnlyList<ArmTally> into,
        IReadOnlyList<ArmTally> tallies
    ) =>
        [
            .. into.Concat(tallies)
                .GroupBy(tally => tally.Version)
                .Select(same => same.Aggregate(Add))
                .OrderBy(tally => tally.Version),
        ];

    /// <summary>A list with comparisons added, by pair.</summary>
    public static IReadOnlyList<ShadowTally> Merge(
        IReadOnlyList<ShadowTally> into,
        IReadOnlyList<ShadowTally> tallies
    ) =>
        [
            .. into.Concat(tallies)
                .GroupBy(tally => (tally.Version, tally.Shadow))
                .Select(same => same.Aggregate(Add))
                .OrderBy(tally => tally.Version)
                .ThenBy(tally => tally.Shadow),
        ];

    /// <summary>Both together; they are of one pair.</summary>
    public static ShadowTally Add(ShadowTally a, ShadowTally b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a with
        {
            Compared = a.Compared + b.Compared,
            Failed = a.Failed + b.Failed,
            Dropped = a.Dropped + b.Dropped,
            Mismatched = a.Mismatched + b.Mismatched,
            Rows = a.Rows + b.Rows,
            AgreeingRows = a.AgreeingRows + b.AgreeingRows,
            Numbers = a.Numbers + b.Numbers,
            Distance = a.Distance + b.Distance,
            LargestDistance = Math.Max(a.LargestDistance, b.LargestDistance),
            Seconds = a.Seconds + b.Seconds,
            ShadowSeconds = a.ShadowSeconds + b.ShadowSeconds,
        };
    }
}
