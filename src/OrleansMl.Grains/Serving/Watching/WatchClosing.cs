using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>What a model's state is after windows have closed.</summary>
internal static class WatchClosing
{
    public static ModelWatchState Close(
        ModelWatchState state,
        VersionProfile profile,
        WatchPolicy policy,
        int version,
        IReadOnlyList<WindowCounts> closed,
        DateTimeOffset now,
        WatchOptions options
    )
    {
        var kept =
            state.Versions.FirstOrDefault(v => v.Version == version && v.Profile == profile.Key)
            ?? new VersionWatchState
            {
                Version = version,
                Profile = profile.Key,
                Since = profile.BeginOf(closed[0].Window),
            };
        foreach (var window in closed)
        {
            kept = kept with
            {
                Total = kept.Total is null ? window : WatchCounts.Add(kept.Total, window),
                Closed = [.. kept.Closed.Append(window).TakeLast(policy.KeptWindows)],
                ClosedThrough = window.Window,
            };
            List<AlertSnapshot> standing =
            [
                .. state.Alerts.Where(a =>
                    a.Version == version
                    && a.ClearedAt is null
                    && !QualityMeasures.IsQuality(a.Measure)
                ),
            ];
            var changes = AlertEvaluation.AfterWindow(
                policy,
                profile,
                kept.Closed,
                standing,
                kept.Streaks,
                now
            );
            kept = kept with { Streaks = changes.Streaks };
            state = Apply(state, changes, standing, options);
        }
        VersionWatchState[] versions =
        [
            .. state
                .Versions.Where(v => v.Version != version)
                .Append(kept)
                .OrderBy(v => v.Closed.Count == 0 ? 0 : v.Closed[^1].Window)
                .TakeLast(options.VersionsPerModel),
        ];
        return Forget(state with { Versions = versions }, now, options);
    }

    /// <summary>The state with what became of the alerts that were judged.</summary>
    public static ModelWatchState Apply(
        ModelWatchState state,
        AlertChanges changes,
        IReadOnlyList<AlertSnapshot> judged,
        WatchOptions options
    )
    {
        var others = state.Alerts.Where(a => !judged.Any(j => j.Id == a.Id));
        return Trim(
            state with
            {
                Alerts =
                [
                    .. others
                        .Concat(changes.Standing)
                        .Concat(changes.Cleared)
                        .OrderBy(a => a.RaisedAt),
                ],
                Unpublished =
                [
                    .. state.Unpublished,
                    .. changes.Raised.Select(a => new AlertNotice { Raised = true, Alert = a }),
                    .. changes.Cleared.Select(a => new AlertNotice { Raised = false, Alert = a }),
                ],
            },
            options
        );
    }

    /// <summary>Nothing would ever clear the alerts of a version that is not kept.</summary>
    private static ModelWatchState Forget(
        ModelWatchState state,
        DateTimeOffset now,
        WatchOptions options
    )
    {
        var known = state.Versions.Select(v => v.Version).ToHashSet();
        var orphans = state
            .Alerts.Where(a =>
                a.ClearedAt is null
                && !known.Contains(a.Version)
                && !QualityMeasures.IsQuality(a.Measure)
            )
            .Select(a =>
                a with
                {
                    ClearedAt = now,
                    Reason = "The version has not been called for long.",
                }
            )
            .ToList();
        return orphans.Count == 0
            ? state
            : Trim(
                state with
                {
                    Alerts =
                    [
                        .. state.Alerts.Select(a => orphans.FirstOrDefault(o => o.Id == a.Id) ?? a),
                    ],
                    Unpublished =
                    [
                        .. state.Unpublished,
                        .. orphans.Select(a => new AlertNotice { Raised = false, Alert = a }),
                    ],
                },
                options
            );
    }

    private static ModelWatchState Trim(ModelWatchState state, WatchOptions options)
    {
        var cleared = state.Alerts.Count(a => a.ClearedAt is not null) - options.ClearedAlerts;
        if (cleared <= 0)
            return state;
        var gone = state
            .Alerts.Where(a => a.ClearedAt is not null)
            .Take(cleared)
            .Select(a => a.Id)
            .ToHashSet();
        return state with { Alerts = [.. state.Alerts.Where(a => !gone.Contains(a.Id))] };
    }
}
