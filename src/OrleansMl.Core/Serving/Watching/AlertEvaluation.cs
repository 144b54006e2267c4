using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;

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
        var next = new Dictionary<string, int>();
        var stays = new List<AlertSnapshot>();
        var raised = new List<AlertSnapshot>();
        var cleared = new List<AlertSnapshot>();
        foreach (var rule in policy.Alerts)
        {
            var pooled = WatchCounts.Sum(closed.TakeLast(rule.Windows))!;
            foreach (var (feature, index) in Targets(rule, profile))
            {
                var key = $"{rule.Name}/{feature}";
                var streak = streaks.GetValueOrDefault(key);
                var there = standing.FirstOrDefault(a =>
                    a.Rule == rule.Name && a.Feature == feature
                );
                var value =
                    pooled.Rows < rule.MinimumSamples
                        ? null
                        : Measure(rule.Measure, profile, pooled, index);
                if (value is not { } measured)
                {
                    // Too little is known to say either way.
                    if (streak > 0)
                        next[key] = streak;
                    if (there is not null)
                        stays.Add(there);
                    continue;
                }
                var isPast = rule.Above is { } most ? measured > most : measured < rule.Below;
                if (!isPast)
                {
                    if (there is not null)
                        cleared.Add(there with { Value = measured, ClearedAt = now });
                    continue;
                }
                next[key] = streak + 1;
                if (there is not null)
                {
                    stays.Add(there with { Value = measured });
                }
                else if (streak + 1 >= rule.ForWindows)
                {
                    var alert = new AlertSnapshot
                    {
                        Id = $"{rule.Name}.{profile.Version.Version}.{pooled.Window}.{index}",
                        Model = profile.Version.Name,
                        Version = profile.Version.Version,
                        Rule = rule.Name,
                        Measure = rule.Measure,
                        Feature = feature,
                        Value = measured,
                        Bound = rule.Above ?? rule.Below!.Value,
                        RaisedAt = now,
                    };
                    stays.Add(alert);
                    raised.Add(alert);
                }
            }
        }
        cleared.AddRange(
            standing
                .Where(a => !stays.Any(s => s.Id == a.Id) && !cleared.Any(c => c.Id == a.Id))
                .Select(a =>
                    a with
                    {
                        ClearedAt = now,
                        Reason = "The policy has no such rule any more.",
                    }
                )
        );
        return new AlertChanges(stays, raised, cleared, next);
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
