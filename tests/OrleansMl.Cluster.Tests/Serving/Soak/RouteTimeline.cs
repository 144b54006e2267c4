using System.Globalization;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>
/// What a name of the model meant when. A change may hold from when it was asked for; what was before it may hold until the change
/// was acknowledged and the silos' refresh time has passed. Times are the process's timestamps. Thread-safe.
/// </summary>
internal sealed class RouteTimeline(
    string name,
    TimeProvider time,
    TimeSpan grace,
    Func<string, RouteTimeline>? aliases = null
)
{
    // Beyond six standard deviations a count of independent draws is off by less than one in 500 million.
    private const double Deviations = 6;
    private const int LeastToJudgeShares = 200;

    private readonly Lock _gate = new();
    private readonly List<RouteChange> _changes = [];

    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>Notes that a change is about to be asked for.</summary>
    public RouteChange Begin(params IReadOnlyList<(string Version, double Part)> shares)
    {
        lock (_gate)
        {
            var change = new RouteChange(shares, time.GetTimestamp());
            _changes.Add(change);
            return change;
        }
    }

    /// <summary>Notes that the cluster has said that the change holds.</summary>
    public void Acknowledge(RouteChange change)
    {
        lock (_gate)
            change.Acknowledged = time.GetTimestamp();
    }

    /// <summary>Judges an answer, and counts it for its share.</summary>
    /// <param name="version">The version that it names.</param>
    /// <param name="started">When the call began, before its first try.</param>
    /// <param name="ended">When the answer was there.</param>
    /// <returns>For how long before the call began the version had been out of the name's meaning, by an acknowledged change; zero: it was in. Null: it never was in.</returns>
    public TimeSpan? Lateness(int version, long started, long ended)
    {
        lock (_gate)
        {
            TimeSpan? least = null;
            long? superseded = null;
            for (var i = _changes.Count - 1; i >= 0; i--)
            {
                var change = _changes[i];
                if (change.Begun > ended)
                    continue;
                var (share, inner) = Find(change, version, started, ended);
                if (share >= 0)
                {
                    var outer = superseded is { } since
                        ? time.GetElapsedTime(since, started)
                        : TimeSpan.Zero;
                    var late = outer > inner ? outer : inner;
                    if (least is null || late < least)
                        least = late;
                    if (
                        i == _changes.Count - 1
                        && change.Acknowledged is { } holds
                        && time.GetElapsedTime(holds, started) >= grace
                    )
                        change.Count(share);
                }
                if (change.Acknowledged is { } at && at <= started)
                    superseded = at;
                if (least == TimeSpan.Zero)
                    break;
            }
            return least;
        }
    }

    /// <summary>Changes that were not acknowledged, or after which no answer showed that they held.</summary>
    public IReadOnlyList<string> Unseen()
    {
        List<string> unseen = [];
        lock (_gate)
        {
            foreach (var change in _changes)
            {
                var calls = change.Answers.Sum();
                if (change.Acknowledged is null)
                    unseen.Add($"{name}: the change to {Text(change)} was not acknowledged");
                else if (calls == 0)
                    unseen.Add($"{name}: no call was made while {Text(change)} held");
            }
        }
        return unseen;
    }

    /// <summary>Changes of which the shares were not kept.</summary>
    public IReadOnlyList<string> Skewed()
    {
        List<string> skewed = [];
        lock (_gate)
        {
            foreach (var change in _changes)
            {
                var calls = change.Answers.Sum();
                if (calls < LeastToJudgeShares)
                    continue;
                for (var share = 0; share < change.Shares.Count; share++)
                {
                    var part = change.Shares[share].Part;
                    var expected = calls * part;
                    var allowed = Deviations * Math.Sqrt(calls * part * (1 - part));
                    if (Math.Abs(change.Answers[share] - expected) > allowed + 1)
                        skewed.Add(
                            $"{name}: {change.Answers[share]} of {calls} calls went to '{change.Shares[share].Version}' while {Text(change)} held, expected {expected:F0} ± {allowed:F0}"
                        );
                }
            }
        }
        return skewed;
    }

    /// <summary>How many changes held long enough for their shares to be judged.</summary>
    public int Judged
    {
        get
        {
            lock (_gate)
                return _changes.Count(change => change.Answers.Sum() >= LeastToJudgeShares);
        }
    }

    private (int Share, TimeSpan Lateness) Find(
        RouteChange change,
        int version,
        long started,
        long ended
    )
    {
        for (var share = 0; share < change.Shares.Count; share++)
        {
            var reference = change.Shares[share].Version;
            if (int.TryParse(reference, CultureInfo.InvariantCulture, out var number))
            {
                if (number == version)
                    return (share, TimeSpan.Zero);
            }
            else if (aliases?.Invoke(reference).Lateness(version, started, ended) is { } late)
            {
                return (share, late);
            }
        }
        return (-1, default);
    }

    private static string Text(RouteChange change) =>
        string.Join(" + ", change.Shares.Select(share => $"{share.Version}×{share.Part:0.##}"));
}
