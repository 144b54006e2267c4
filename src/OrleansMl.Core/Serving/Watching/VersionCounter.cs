using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>What one silo counts of a version: a counter a window, each kept until it is durable elsewhere. Thread-safe.</summary>
/// <param name="profile">How to count.</param>
/// <param name="limit">Windows held at most; past it the oldest is lost, when it could not be reported for as long.</param>
public sealed class VersionCounter(VersionProfile profile, int limit)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, WindowCounter> _windows = [];
    private readonly Queue<OutlierExample> _outliers = new();
    private readonly RowScores _scores = new();
    private long _durable = long.MinValue;

    /// <summary>How calls are counted.</summary>
    public VersionProfile Profile => profile;

    /// <summary>Counts a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="outliers">How outliers are found; null: not looked for.</param>
    /// <returns>Its rows that were outliers.</returns>
    public int Add(WatchedCall call, OutlierPolicy? outliers)
    {
        ArgumentNullException.ThrowIfNull(call);
        lock (_gate)
        {
            // A window that was closed elsewhere takes no more: a late call counts in the next.
            var number = Math.Max(profile.WindowOf(call.At), _durable + 1);
            if (!_windows.TryGetValue(number, out var window))
            {
                _windows[number] = window = new WindowCounter(profile, number);
                while (_windows.Count > limit)
                    _windows.Remove(_windows.First().Key);
            }
            var rows = window.Add(call, outliers, _scores);
            return outliers is null ? 0 : AddOutliers(call, outliers, rows, window);
        }
    }

    /// <summary>All windows that are not durable, as counted so far; null: there is nothing to report.</summary>
    public WatchReport? Report(string reporter)
    {
        lock (_gate)
        {
            return _windows.Count == 0
                ? null
                : new WatchReport
                {
                    Reporter = reporter,
                    Version = profile.Version.Version,
                    Profile = profile.Key,
                    Windows = [.. _windows.Values.Select(w => w.ToCounts())],
                    Outliers = [.. _outliers],
                };
        }
    }

    /// <summary>Forgets windows that are durable.</summary>
    public void DropThrough(long window)
    {
        lock (_gate)
        {
            _durable = Math.Max(_durable, window);
            while (_windows.Count > 0 && _windows.First().Key <= window)
                _windows.Remove(_windows.First().Key);
        }
    }

    private int AddOutliers(WatchedCall call, OutlierPolicy policy, int rows, WindowCounter window)
    {
        var found = 0;
        for (var row = 0; row < rows; row++)
        {
            var (score, feature, value) = _scores[row];
            if (!(score > policy.Threshold))
                continue;
            found++;
            window.AddOutlier();
            if (policy.Examples == 0)
                continue;
            _outliers.Enqueue(
                new OutlierExample
                {
                    At = call.At,
                    CallId = call.CallId,
                    Row = row,
                    Feature = profile.Features[feature].Name,
                    Value = value is { Length: > MaxValueLength } ? value[..MaxValueLength] : value,
                    Score = double.IsFinite(score) ? score : null,
                }
            );
            while (_outliers.Count > policy.Examples)
                _outliers.Dequeue();
        }
        return found;
    }

    // Examples ride in messages.
    private const int MaxValueLength = 200;
}
