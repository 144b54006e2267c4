using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>Windows of outcomes as reports: by version, and by what callers named.</summary>
public static class QualityReports
{
    /// <summary>Makes the reports: versions first, newest first, then aliases.</summary>
    /// <param name="windows">Windows of one length.</param>
    /// <param name="aliases">The model's aliases.</param>
    public static IReadOnlyList<WatchedQuality> Of(
        IReadOnlyList<QualityWindow> windows,
        IReadOnlyDictionary<string, int> aliases
    )
    {
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(aliases);
        return
        [
            .. windows
                .GroupBy(window => window.Version)
                .OrderByDescending(group => group.Key)
                .Select(group =>
                    Report(group) with
                    {
                        Version = group.Key,
                        Aliases =
                        [
                            .. aliases.Where(a => a.Value == group.Key).Select(a => a.Key).Order(),
                        ],
                    }
                ),
            .. windows
                .GroupBy(window => window.Reference)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Report(group) with { Reference = group.Key }),
        ];
    }

    private static WatchedQuality Report(IEnumerable<QualityWindow> windows)
    {
        var byBegin = windows
            .GroupBy(window => (window.Begin, window.Seconds))
            .OrderByDescending(group => group.Key.Begin)
            .Select(group =>
                (
                    group.Key.Begin,
                    group.Key.Seconds,
                    Tally: group.Aggregate(QualityTally.Empty, (sum, w) => sum + w.Tally)
                )
            )
            .ToList();
        var (newest, oldest) = (byBegin[0], byBegin[^1]);
        return new WatchedQuality
        {
            Total = Report(
                oldest.Begin,
                newest.Begin + newest.Seconds,
                byBegin.Aggregate(QualityTally.Empty, (sum, w) => sum + w.Tally)
            ),
            Windows = [.. byBegin.Select(w => Report(w.Begin, w.Begin + w.Seconds, w.Tally))],
        };
    }

    private static QualityReport Report(long from, long to, QualityTally tally) =>
        new()
        {
            From = DateTimeOffset.FromUnixTimeSeconds(from),
            To = DateTimeOffset.FromUnixTimeSeconds(to),
            Outcomes = tally.Count,
            Metrics = QualityMeasures.Of(tally),
        };
}
