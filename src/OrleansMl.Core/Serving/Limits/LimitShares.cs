namespace OrleansMl.Core.Serving.Limits;

/// <summary>
/// Shares one limit between silos. The shares that silos may hold make at most 1 at every moment: what one gives up is given to another
/// only when the first has confirmed it or its lease has ended. Shares follow the demand, the least first (max-min fair): who asks
/// for no more than an equal part gets it. Not thread-safe.
/// </summary>
public sealed class LimitShares
{
    // A silo that was quiet lately still answers its next request without a wait.
    private const double LeastDemand = 0.02;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unheard;
    private readonly long _lease;
    private readonly long _frequency;
    private readonly long _unheardUntil;
    private long _endedAt;
    private long _number;

    /// <summary>Begins, or goes on after a failover.</summary>
    /// <param name="lease">How long a share holds, in the clock's ticks.</param>
    /// <param name="idle">For how long nobody can have used the limit, in ticks.</param>
    /// <param name="unheard">Silos that may hold shares of which nothing is known any more.</param>
    /// <param name="number">A number above those of every lease before.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="frequency">The clock's ticks a second.</param>
    public LimitShares(
        long lease,
        long idle,
        IEnumerable<string> unheard,
        long number,
        long now,
        long frequency
    )
    {
        _lease = lease;
        _frequency = frequency;
        _endedAt = now - idle;
        _unheard = new(unheard, StringComparer.Ordinal);
        _unheardUntil = now + lease;
        _number = number;
    }

    /// <summary>Silos that hold a share.</summary>
    public int Count => _entries.Count;

    /// <summary>The most that all silos together can hold at this moment.</summary>
    public double Outstanding(long now)
    {
        Expire(now);
        return _entries.Values.Sum(entry => entry.Outstanding);
    }

    /// <summary>Gives a silo its share.</summary>
    /// <param name="instance">The silo.</param>
    /// <param name="held">The number of the lease that it holds; 0: none.</param>
    /// <param name="share">That lease's share.</param>
    /// <param name="demand">What it was asked for, in parts of the whole limit.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <returns>The lease's number, its share, and seconds for which nobody can have used the limit.</returns>
    public (long Number, double Share, double IdleSeconds) Renew(
        string instance,
        long held,
        double share,
        double demand,
        long now
    )
    {
        Expire(now);
        _unheard.Remove(instance);
        var idle =
            _entries.Count == 0 && _unheard.Count == 0 && held == 0
                ? Math.Max(0, now - _endedAt) / (double)_frequency
                : 0;
        var claimed = held > 0 && double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0;
        if (!_entries.TryGetValue(instance, out var entry))
        {
            _entries[instance] = entry = new Entry { Granted = claimed, Outstanding = claimed };
        }
        else if (held == entry.Number)
        {
            entry.Outstanding = entry.Granted;
        }
        entry.Demand = double.IsFinite(demand) ? Math.Clamp(demand, LeastDemand, 1e6) : 1e6;
        entry.ExpiresAt = now + _lease;
        var free = 1 - _entries.Values.Where(e => e != entry).Sum(e => e.Outstanding);
        // Of what unheard silos may hold, one that holds nothing gets no more than its part; one that does, nothing.
        if (_unheard.Count > 0)
            free = held > 0 ? Math.Min(free, claimed) : free / (_unheard.Count + 1);
        var granted = Math.Max(0, Math.Min(Target(entry), free));
        entry.Granted = granted;
        entry.Outstanding = Math.Max(entry.Outstanding, granted);
        entry.Number = ++_number;
        return (entry.Number, granted, idle);
    }

    /// <summary>Takes a silo's share back.</summary>
    public void Release(string instance, long now)
    {
        Expire(now);
        _unheard.Remove(instance);
        if (_entries.Remove(instance))
            _endedAt = Math.Max(_endedAt, now);
    }

    private void Expire(long now)
    {
        if (now >= _unheardUntil && _unheard.Count > 0)
        {
            _unheard.Clear();
            _endedAt = Math.Max(_endedAt, _unheardUntil);
        }
        List<string>? ended = null;
        foreach (var (instance, entry) in _entries)
        {
            if (now < entry.ExpiresAt)
                continue;
            (ended ??= []).Add(instance);
            _endedAt = Math.Max(_endedAt, entry.ExpiresAt);
        }
        foreach (var instance in ended ?? [])
            _entries.Remove(instance);
    }

    // The part that each would have if all were told at once.
    private double Target(Entry of)
    {
        var rest = 1.0;
        var count = _entries.Count;
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Demand))
        {
            var equal = rest / count;
            if (entry.Demand > equal)
            {
                // Nobody who asks for more than the equal part gets less than it.
                return of.Demand >= entry.Demand ? equal : of.Demand;
            }
            rest -= entry.Demand;
            count--;
        }
        // All have what they ask for; what is left is shared, so that a rise finds room.
        return of.Demand + (rest / _entries.Count);
    }

    private sealed class Entry
    {
        public long Number { get; set; }

        public double Granted { get; set; }

        // The most that the silo may still go by: more than what was granted last until it has confirmed that.
        public double Outstanding { get; set; }

        public double Demand { get; set; }

        public long ExpiresAt { get; set; }
    }
}
