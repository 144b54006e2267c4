using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>Measures versions' newest closed windows of outcomes by the policy's rules on quality.</summary>
public static class QualityAlerts
{
    /// <summary>Evaluates after a window has closed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy">Its policy, with a section on quality.</param>
    /// <param name="windows">Windows of outcomes, up to the closed one at the least; later ones are left out.</param>
    /// <param name="closed">When the window that has closed began, in seconds since 1970.</param>
    /// <param name="aliases">The model's aliases.</param>
    /// <param name="standing">The alerts on quality that stand.</param>
    /// <param name="streaks">What <see cref="AlertChanges.Streaks"/> was after the window before.</param>
    /// <param name="now">When.</param>
    public static AlertChanges AfterWindow(
        string model,
        WatchPolicy policy,
        IReadOnlyList<QualityWindow> windows,
        long closed,
        IReadOnlyDictionary<string, int> aliases,
        IReadOnlyList<AlertSnapshot> standing,
        IReadOnlyDictionary<string, int> streaks,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(aliases);
        ArgumentNullException.ThrowIfNull(standing);
        var judge = new AlertJudge(model, standing, streaks, now);
        var seconds = policy.Quality?.WindowSeconds ?? 0;
        foreach (var rule in policy.Alerts.Where(r => QualityMeasures.IsQuality(r.Measure)))
        {
            var first = closed - ((rule.Windows - 1L) * seconds);
            var pooled = windows
                .Where(window => window.Begin >= first && window.Begin <= closed)
                .GroupBy(window => window.Version)
                .ToDictionary(
                    group => group.Key,
                    group => group.Aggregate(QualityTally.Empty, (sum, w) => sum + w.Tally)
                );
            var versions = pooled
                .Keys.Union(standing.Where(a => a.Rule == rule.Name).Select(a => a.Version))
                .Order();
            var baseline = Baseline(rule, aliases);
            foreach (var version in versions)
            {
                // A version is no worse than itself.
                if (rule.Baseline is not null && version == baseline)
                    continue;
                judge.Judge(
                    rule,
                    version,
                    feature: null,
                    Value(rule, pooled, version, baseline),
                    $"{rule.Name}/{version}",
                    $"{rule.Name}.{version}.q{closed}"
                );
            }
        }
        return judge.Changes();
    }

    private static double? Value(
        AlertRule rule,
        Dictionary<int, QualityTally> pooled,
        int version,
        int? baseline
    )
    {
        if (rule.Baseline is null)
            return Value(rule, pooled, version);
        return baseline is { } other
            ? Value(rule, pooled, version) - Value(rule, pooled, other)
            : null;
    }

    private static double? Value(
        AlertRule rule,
        Dictionary<int, QualityTally> pooled,
        int version
    ) =>
        pooled.TryGetValue(version, out var tally) && tally.Count >= rule.MinimumSamples
            ? QualityMeasures.Of(tally, rule.Measure)
            : null;

    private static int? Baseline(AlertRule rule, IReadOnlyDictionary<string, int> aliases) =>
        rule.Baseline is not { } named ? null
        : aliases.TryGetValue(named, out var aliased) ? aliased
        : int.TryParse(named, out var number) ? number
        : null;
}
