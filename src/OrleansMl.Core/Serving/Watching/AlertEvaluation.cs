using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Measures a version's newest closed windows by the policy's rules, and says which alerts that raises and clears.</summary>
public static class AlertEvaluation
{
    /// <summary>Evaluates after a window has closed.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="profile">What was counted by.</param>
    /// <param name="closed">Closed windows, oldest first; the last is the one that has just closed.</param>
    /// <param name="standing">The version's alerts that stand.</param>
    /// <param name="streaks">What <see cref="AlertChanges.Streaks"/> was after the window before.</param>
    /// <param name="now">When.</param>
    public static AlertChanges AfterWindow(
        WatchPolicy policy,
        VersionProfile profile,
        IReadOnlyList<WindowCounts> closed,
        IReadOnlyList<AlertSnapshot> standing,
        IReadOnlyDictionary<string, int> streaks,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(closed);
        ArgumentNullException.ThrowIfNull(standing);
        ArgumentNullException.ThrowIfNull(streaks);
        var judge = new AlertJudge(profile.Version.Name, standing, streaks, now);
        foreach (var rule in policy.Alerts.Where(r => !QualityMeasures.IsQuality(r.Measure)))
        {
            var pooled = WatchCounts.Sum(closed.TakeLast(rule.Windows))!;
            foreach (var (feature, index) in Targets(rule, profile))
                judge.Judge(
                    rule,
                    profile.Version.Version,
                    feature,
                    pooled.Rows < rule.MinimumSamples
                        ? null
                        : Measure(rule.Measure, profile, pooled, index),
                    $"{rule.Name}/{feature}",
                    $"{rule.Name}.{profile.Version.Version}.{pooled.Window}.{index}"
                );
        }
        return judge.Changes();
    }

    private static IEnumerable<(string? Feature, int Index)> Targets(
        AlertRule rule,
        VersionProfile profile
    )
    {
        if (rule.Measure == WatchMeasure.OutlierShare)
            return [(null, 0)];
        return profile
            .Features.Select((feature, index) => (Feature: (string?)feature.Name, Index: index))
            .Where(target => rule.Feature is null || rule.Feature == target.Feature);
    }

    private static double? Measure(
        WatchMeasure measure,
        VersionProfile profile,
        WindowCounts counts,
        int index
    )
    {
        if (measure == WatchMeasure.OutlierShare)
            return (double)counts.Outliers / counts.Rows;
        return WatchMeasures
            .Of(profile.Features[index], counts.Features[index])
            .TryGetValue(measure, out var value)
            ? value
            : null;
    }
}
