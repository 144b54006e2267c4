using System.Collections.Concurrent;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>What the run has seen: counts, times, and what was wrong. Thread-safe.</summary>
internal sealed class SoakTally(SoakJournal? journal = null)
{
    // Enough to see a pattern; the number counts all.
    private const int MostKept = 50;

    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly ConcurrentDictionary<string, long> _retries = new();
    private readonly List<string> _violations = [];
    private readonly List<string> _inconclusive = [];
    private long _violationCount;
    private TimeSpan _latest;

    /// <summary>Answers so far.</summary>
    public long Answers => Count("answers");

    /// <summary>What was wrong so far; the first of it is in <see cref="Violations"/>.</summary>
    public long ViolationCount => Interlocked.Read(ref _violationCount);

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
                return [.. _violations];
        }
    }

    public IReadOnlyList<string> Inconclusive
    {
        get
        {
            lock (_gate)
                return [.. _inconclusive];
        }
    }

    /// <summary>The client's new tries, by what the try before met.</summary>
    public IReadOnlyDictionary<string, long> Retries => _retries;

    /// <summary>The longest for which a version answered new calls after a change that put it out was acknowledged.</summary>
    public TimeSpan Latest
    {
        get
        {
            lock (_gate)
                return _latest;
        }
    }

    public long Count(string what) => _counts.GetValueOrDefault(what);

    public void Add(string what, long count = 1) =>
        _counts.AddOrUpdate(what, count, (_, before) => before + count);

    public void Answered(TimeSpan took, TimeSpan late)
    {
        Add("answers");
        lock (_gate)
        {
            _milliseconds.Add(took.TotalMilliseconds);
            if (late > _latest)
                _latest = late;
        }
    }

    /// <summary>Counts a new try of the client.</summary>
    public void Retried(string reason)
    {
        // The reason begins with the endpoint that failed.
        var at = reason.IndexOf(": ", StringComparison.Ordinal);
        var cause = at < 0 ? reason : reason[(at + 2)..];
        // As do some of the system's messages, with the address in brackets behind.
        at = cause.IndexOf(" (", StringComparison.Ordinal);
        _retries.AddOrUpdate(at < 0 ? cause : cause[..at], 1, (_, before) => before + 1);
    }

    public void Violated(string what)
    {
        Interlocked.Increment(ref _violationCount);
        lock (_gate)
        {
            if (_violations.Count >= MostKept)
                return;
            _violations.Add(what);
        }
        journal?.Note($"VIOLATED: {what}");
    }

    /// <summary>Something that the run is to show did not come about.</summary>
    public void Missed(string what)
    {
        lock (_gate)
            _inconclusive.Add(what);
    }

    /// <summary>The times of calls, retries and all, at shares of them, in milliseconds.</summary>
    public IReadOnlyList<double> Percentiles(params IReadOnlyList<double> shares)
    {
        lock (_gate)
        {
            var sorted = _milliseconds.Order().ToList();
            return
            [
                .. shares.Select(share =>
                    sorted.Count == 0
                        ? double.NaN
                        : sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))]
                ),
            ];
        }
    }
}
