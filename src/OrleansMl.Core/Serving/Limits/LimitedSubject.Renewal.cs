using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <content>The cluster's side: shares that are renewed, counts that are told, quotas that are set aside.</content>
public sealed partial class LimitedSubject
{
    private const long FirstWanted = 16;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<QuotaBlock> _abandoned = [];
    private UsageReport? _pending;
    private long _reports;
    private long _revision;
    private long _reportedAt;
    private long _measuredAt;
    private long _measuredRequests;
    private long _measuredRows;
    private long _measuredBytes;
    private double _demand;
    private double _requestsPerSecond;
    private double _rowsPerSecond;
    private long _usedAt;
    private long _seen;
    private UsageGrant? _left;

    /// <summary>Requests of the day's and the month's quota that this silo may count on, as last told; null: not limited.</summary>
    public (long? Day, long? Month) QuotaLeft()
    {
        if (Volatile.Read(ref _left) is not { } told || Volatile.Read(ref _block) is not { } block)
            return default;
        return (told.DayRequestsLeft + block.Requests, told.MonthRequestsLeft + block.Requests);
    }

    /// <summary>Seconds until the day (UTC) ends.</summary>
    public long SecondsToTomorrow()
    {
        var utc = _time.GetUtcNow().UtcDateTime;
        return (long)Math.Ceiling((utc.Date.AddDays(1) - utc).TotalSeconds);
    }

    /// <summary>Seconds until the month (UTC) ends.</summary>
    public long SecondsToNextMonth()
    {
        var utc = _time.GetUtcNow().UtcDateTime;
        var month = new DateTime(utc.Year, utc.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        return (long)Math.Ceiling((month.AddMonths(1) - utc).TotalSeconds);
    }

    /// <summary>Whether it holds a share or has something to tell.</summary>
    internal bool IsActive =>
        Volatile.Read(ref _share) is not null
        || _pending is not null
        || _abandoned.Count > 0
        || Volatile.Read(ref _requests) + Volatile.Read(ref _refused) > 0;

    /// <summary>Asks the cluster; when this returns, a request may be decided anew.</summary>
    /// <param name="requests">Requests that a caller waits for.</param>
    /// <param name="rows">Rows that a caller waits for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RenewAsync(long requests, long rows, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Whoever had the turn before may have brought what this one needs.
            if ((requests > 0 || rows > 0) && IsEnough(requests, rows))
                return;
            await AskAsync(requests, rows, release: false, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The background's turn: renews what is in use, gives back what is not.</summary>
    internal async Task TendAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetTimestamp();
            var count = Volatile.Read(ref _requests) + Volatile.Read(ref _refused);
            if (count != _seen)
                (_seen, _usedAt) = (count, now);
            var isIdle =
                InFlight == 0
                && _time.GetElapsedTime(_usedAt, now).TotalSeconds >= _options.LeaseSeconds;
            await AskAsync(0, 0, isIdle, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives everything back and tells the last counts.</summary>
    internal async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await AskAsync(0, 0, release: true, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool IsEnough(long requests, long rows)
    {
        var now = _time.GetTimestamp();
        if (Volatile.Read(ref _share) is not { Part: > 0 } share || now >= share.Until)
            return false;
        if (!Policy.HasQuotas())
            return true;
        return now < Volatile.Read(ref _exhaustedUntil)
            || (
                Volatile.Read(ref _block) is { } block
                && now < block.EndsAt
                && (!block.LimitsRequests || block.Requests >= requests)
                && (!block.LimitsRows || block.Rows >= rows)
            );
    }

    // In turn.
    private async Task AskAsync(
        long requests,
        long rows,
        bool release,
        CancellationToken cancellationToken
    )
    {
        var asked = _time.GetTimestamp();
        Measure(asked);
        LimitRenewal renewal;
        lock (_gate)
        {
            var held = _share is { } share && asked < share.Until ? share : null;
            if (release)
                Drop(asked);
            renewal = new LimitRenewal
            {
                Instance = _instance,
                Held = held?.Number ?? 0,
                Share = held?.Part ?? 0,
                Demand = _demand,
                Release = release,
                Policy = _policy,
                Revision = _revision,
                // A report that may have been taken is repeated as it was, until it is known.
                Report = _pending ??=
                    MakeReport(requests, rows, release, held is null, asked),
            };
        }
        // One that hangs must not keep the others from being renewed; the same is asked again.
        var lease = await _source
            .RenewAsync(Name, renewal, cancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(_options.WaitSeconds), _time, cancellationToken);
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            if (lease.Grant is { } grant && _pending is not null)
                Take(grant, release, now);
            _pending = null;
            if (release)
                return;
            Replace(
                (
                    lease.Number,
                    lease.Share,
                    // As old as the question: the cluster counts from its arrival.
                    asked + (long)(lease.Seconds * _time.TimestampFrequency)
                ),
                lease.IdleSeconds,
                now
            );
        }
    }

    // Under the gate: nothing is let through any more by what is given back.
    private void Drop(long now)
    {
        _share?.Requests?.Close(now);
        _share?.Rows?.Close(now);
        _share?.Bytes?.Close(now);
        Volatile.Write(ref _share, null);
        if (_block is not { } block)
            return;
        _abandoned.Add(block);
        Volatile.Write(ref _block, null);
    }

    // Under the gate. Null: nothing that can't wait.
    private UsageReport? MakeReport(long requests, long rows, bool release, bool isFirst, long now)
    {
        var policy = _policy;
        if (_block is { } old && now >= old.EndsAt)
        {
            _abandoned.Add(old);
            Volatile.Write(ref _block, null);
        }
        var block = _block;
        var limitsRequests =
            policy.RequestsPerDay is not null || policy.RequestsPerMonth is not null;
        var limitsRows = policy.RowsPerDay is not null || policy.RowsPerMonth is not null;
        // Who used nothing since the last report has what it needs, or all that there was.
        var isUsed =
            isFirst
            || Volatile.Read(ref _requests) + Volatile.Read(ref _rows) + requests + rows > 0;
        var wantedRequests =
            release || !isUsed || !limitsRequests ? 0 : Wanted(_requestsPerSecond, block?.Requests);
        var wantedRows =
            release || !isUsed || !limitsRows ? 0 : Wanted(_rowsPerSecond, block?.Rows);
        var isDue =
            _time.GetElapsedTime(_reportedAt, now).TotalSeconds >= _options.FlushSeconds
            && Volatile.Read(ref _requests) + Volatile.Read(ref _refused) > 0;
        if (
            !(release || isFirst || isDue)
            && _abandoned.Count == 0
            && wantedRequests + wantedRows + requests + rows == 0
        )
            return null;
        long returnedRequests = 0;
        long returnedRows = 0;
        // Emptied before the counts are taken: what was let through by them is counted now or, at worst, next time.
        var day = block?.Day ?? default;
        foreach (var abandoned in _abandoned)
        {
            var (leftRequests, leftRows) = abandoned.Empty();
            returnedRequests += leftRequests;
            returnedRows += leftRows;
            day = day == default ? abandoned.Day : day;
        }
        _abandoned.Clear();
        _reportedAt = now;
        var used = new UsageCounts
        {
            Requests = Interlocked.Exchange(ref _requests, 0),
            Rows = Interlocked.Exchange(ref _rows, 0),
            Bytes = Interlocked.Exchange(ref _bytes, 0),
            Refused = Interlocked.Exchange(ref _refused, 0),
        };
        _seen = 0;
        // What was told since the last measure belongs to the next one.
        _measuredRequests -= used.Requests;
        _measuredRows -= used.Rows;
        _measuredBytes -= used.Bytes;
        return new UsageReport
        {
            Instance = _instance,
            Number = ++_reports,
            Day = day,
            Used = used,
            ReturnedRequests = returnedRequests,
            ReturnedRows = returnedRows,
            WantedRequests = limitsRequests ? Math.Max(wantedRequests, requests) : 0,
            WantedRows = limitsRows ? Math.Max(wantedRows, rows) : 0,
            NeededRequests = limitsRequests ? Missing(requests, block?.Requests) : 0,
            NeededRows = limitsRows ? Missing(rows, block?.Rows) : 0,
        };
    }

    // Under the gate.
    private void Take(UsageGrant grant, bool release, long now)
    {
        var policy = _policy;
        if (_block is { } block && block.Day == grant.Day)
        {
            block.Add(grant.Requests, grant.Rows);
        }
        else
        {
            if (_block is { } old)
                _abandoned.Add(old);
            var made = new QuotaBlock(
                grant.Day,
                now + TicksToMidnight(),
                policy.RequestsPerDay is not null || policy.RequestsPerMonth is not null,
                policy.RowsPerDay is not null || policy.RowsPerMonth is not null,
                grant.Requests,
                grant.Rows
            );
            // A repeated report's grant may come after the share was given up: it goes back next time.
            if (release || !policy.HasQuotas())
            {
                if (grant.Requests > 0 || grant.Rows > 0)
                    _abandoned.Add(made);
                Volatile.Write(ref _block, null);
            }
            else
            {
                Volatile.Write(ref _block, made);
            }
        }
        Volatile.Write(ref _left, grant);
        if (grant.Exhausted.Length == 0)
        {
            Volatile.Write(ref _exhaustedUntil, long.MinValue);
            return;
        }
        Volatile.Write(ref _exhausted, grant.Exhausted);
        Volatile.Write(
            ref _exhaustedEnds,
            now + (long)(grant.ExhaustedSeconds * _time.TimestampFrequency)
        );
        // Other silos may give something back: it is asked again, but not for each request.
        Volatile.Write(
            ref _exhaustedUntil,
            now + (long)(_options.RenewSeconds * _time.TimestampFrequency)
        );
    }

    private void Measure(long now)
    {
        var seconds = _time.GetElapsedTime(_measuredAt, now).TotalSeconds;
        if (seconds < _options.RenewSeconds / 2)
            return;
        var policy = Policy;
        var requests = Total(ref _requests, ref _missedRequests, ref _measuredRequests);
        var rows = Total(ref _rows, ref _missedRows, ref _measuredRows);
        var bytes = Total(ref _bytes, ref _missedBytes, ref _measuredBytes);
        _measuredAt = now;
        // Half of it is the measure before: shares follow within some renewals, and a pause of one costs nothing.
        _requestsPerSecond = Smooth(_requestsPerSecond, requests / seconds);
        _rowsPerSecond = Smooth(_rowsPerSecond, rows / seconds);
        var demand = Math.Max(
            requests / seconds / (policy.RequestsPerSecond ?? double.MaxValue),
            rows / seconds / (policy.RowsPerSecond ?? double.MaxValue)
        );
        demand = Math.Max(demand, bytes / seconds / (policy.BytesPerSecond ?? double.MaxValue));
        if (policy.ConcurrentRequests is { } most)
            demand = Math.Max(demand, (double)InFlight / most);
        _demand = Smooth(_demand, demand);

        static double Smooth(double before, double value) => (before + value) / 2;
    }

    // What came since the last measure, and what was refused.
    private static long Total(ref long counted, ref long missed, ref long measured)
    {
        var now = Volatile.Read(ref counted);
        var fresh = now - measured;
        measured = now;
        return fresh + Interlocked.Exchange(ref missed, 0);
    }

    private long Wanted(double perSecond, long? left)
    {
        var whole = Math.Max(
            FirstWanted,
            (long)Math.Ceiling(perSecond * 2 * _options.FlushSeconds)
        );
        return left is not { } there || there < whole / 2 ? whole - (left ?? 0) : 0;
    }

    private static long Missing(long needed, long? left) =>
        needed == 0 ? 0 : Math.Max(1, needed - (left ?? 0));

    private long TicksToMidnight()
    {
        var utc = _time.GetUtcNow().UtcDateTime;
        return (long)((utc.Date.AddDays(1) - utc).TotalSeconds * _time.TimestampFrequency);
    }
}
