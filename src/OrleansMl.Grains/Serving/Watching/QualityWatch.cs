using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>What the outcomes of a model's predictions say: reports for readers, and what a closed window does to the model's alerts.</summary>
internal sealed class QualityWatch(IQualityStore store)
{
    public async Task<IReadOnlyList<WatchedQuality>> ReadAsync(
        string model,
        QualityPolicy quality,
        IReadOnlyDictionary<string, int> aliases,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        QualityReports.Of(
            await store.ReadAsync(
                model,
                QualityClock.Oldest(quality, now),
                quality.WindowSeconds,
                cancellationToken
            ),
            aliases
        );

    /// <summary>Judges the windows that have closed since the last that was.</summary>
    /// <returns>The state, which is the same where nothing is new; and whether outcomes may still be judged later.</returns>
    public async Task<(ModelWatchState State, bool GoesOn)> CloseAsync(
        string model,
        ModelWatchState state,
        WatchPolicy policy,
        IReadOnlyDictionary<string, int> aliases,
        DateTimeOffset now,
        WatchOptions options,
        CancellationToken cancellationToken
    )
    {
        var quality = policy.Quality!;
        var longest = policy
            .Alerts.Where(rule => QualityMeasures.IsQuality(rule.Measure))
            .Select(rule => rule.Windows)
            .DefaultIfEmpty(0)
            .Max();
        var standing = Standing(state);
        if (longest == 0 && standing.Count == 0)
            return (state, false);
        var last = QualityClock.Begin(quality, now) - quality.WindowSeconds;
        var first = Math.Max(
            state.QualityThrough < 0 ? last : state.QualityThrough + quality.WindowSeconds,
            last - ((quality.KeptWindows - 1L) * quality.WindowSeconds)
        );
        var windows = await store.ReadAsync(
            model,
            first - (longest * (long)quality.WindowSeconds),
            quality.WindowSeconds,
            cancellationToken
        );
        // Windows begin at multiples of their length, also where another length was judged before.
        first += (quality.WindowSeconds - (first % quality.WindowSeconds)) % quality.WindowSeconds;
        for (var closed = first; closed <= last; closed += quality.WindowSeconds)
        {
            var judged = Standing(state);
            var changes = QualityAlerts.AfterWindow(
                model,
                policy,
                windows,
                closed,
                aliases,
                judged,
                state.QualityStreaks,
                now
            );
            state = WatchClosing.Apply(
                state with
                {
                    QualityThrough = closed,
                    QualityStreaks = changes.Streaks,
                },
                changes,
                judged,
                options
            );
        }
        return (state, windows.Count > 0);
    }

    private static IReadOnlyList<AlertSnapshot> Standing(ModelWatchState state) =>
        [
            .. state.Alerts.Where(alert =>
                alert.ClearedAt is null && QualityMeasures.IsQuality(alert.Measure)
            ),
        ];
}
