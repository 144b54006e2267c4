using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>
/// What this silo lets through of one key's or model's limit. Requests are decided here alone, by the silo's share; the cluster is
/// asked in the background. Thread-safe; a decision takes a few interlocked operations and allocates nothing.
/// </summary>
public sealed partial class LimitedSubject : IDisposable
{
    private readonly TimeProvider _time;
    private readonly LimitOptions _options;
    private readonly ILimitSource _source;
    private readonly string _instance;
    private readonly Lock _gate = new();
    private LimitPolicy _policy;
    private LimitShare? _share;
    private QuotaBlock? _block;
    private long _requests;
    private long _rows;
    private long _bytes;
    private long _refused;
    private long _missedRequests;
    private long _missedRows;
    private long _missedBytes;
    private long _inFlight;
    private long _exhaustedUntil = long.MinValue;
    private long _exhaustedEnds;
    private string _exhausted = "";

    internal LimitedSubject(
        string name,
        LimitPolicy policy,
        long revision,
        string instance,
        ILimitSource source,
        LimitOptions options,
        TimeProvider time
    )
    {
        Name = name;
        _policy = policy;
        _revision = revision;
        _instance = instance;
        _source = source;
        _options = options;
        _time = time;
        _reportedAt = _time.GetTimestamp();
        _measuredAt = _reportedAt;
    }

    /// <summary><c>key/ID</c>, <c>token/ISSUER/DIGEST</c> or <c>model/NAME</c>.</summary>
    public string Name { get; }

    /// <summary>Its limits.</summary>
    public LimitPolicy Policy => Volatile.Read(ref _policy);

    /// <summary>Whether <see cref="TryEnter"/> and <see cref="Exit"/> belong around each request.</summary>
    public bool CountsConcurrency => Policy.ConcurrentRequests is not null;

    /// <summary>Requests that are under way, where they are counted.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Replaces the limits; an older revision changes nothing.</summary>
    public void SetPolicy(LimitPolicy policy, long revision)
    {
        lock (_gate)
        {
            if (revision < _revision)
                return;
            _revision = revision;
            if (policy == _policy)
                return;
            Volatile.Write(ref _policy, policy);
            _exhaustedUntil = long.MinValue;
            if (_share is { } share)
                Replace((share.Number, share.Part, share.Until), 0, _time.GetTimestamp());
            // What is set aside by the old quotas goes back with the next report, which says which quotas there are now.
            if (_block is { } block)
            {
                _abandoned.Add(block);
                Volatile.Write(ref _block, null);
            }
        }
    }

    /// <summary>Decides on a request. A verdict that is open may be another after <see cref="RenewAsync"/>.</summary>
    /// <param name="bytes">Of its body, as far as is known.</param>
    public LimitVerdict TryAdmit(long bytes)
    {
        var spin = new SpinWait();
        while (true)
        {
            if (Decide(bytes) is { } verdict)
                return verdict;
            // The share is being replaced.
            spin.SpinOnce();
        }
    }

    private LimitVerdict? Decide(long bytes)
    {
        var now = _time.GetTimestamp();
        var share = Volatile.Read(ref _share);
        if (share is null || now >= share.Until || share.Part <= 0)
            return new(LimitCause.Share);
        if (bytes > 0 && share.Bytes is not null && bytes > ByteBurst)
            return Miss(new(LimitCause.TooManyBytes), 0, 0, 0);
        if (share.Requests is { } requests)
        {
            var wait = requests.Take(1, now);
            if (wait < 0)
                return null;
            if (wait > 0)
                return Miss(new(LimitCause.Requests, Time(wait)), 1, 0, bytes);
        }
        if (bytes > 0 && share.Bytes is { } volume)
        {
            var wait = volume.Take(bytes, now);
            if (wait != 0)
            {
                share.Requests?.Return(1);
                return wait < 0 ? null : Miss(new(LimitCause.Bytes, Time(wait)), 1, 0, bytes);
            }
        }
        if (Policy.RequestsPerDay is not null || Policy.RequestsPerMonth is not null)
        {
            if (Volatile.Read(ref _block) is not { } block || !block.TakeRequest(now))
            {
                share.Requests?.Return(1);
                if (bytes > 0)
                    share.Bytes?.Return(bytes);
                return OutOfQuota(now);
            }
        }
        Interlocked.Increment(ref _requests);
        if (bytes > 0)
            Interlocked.Add(ref _bytes, bytes);
        return default(LimitVerdict);
    }

    /// <summary>Decides on the rows of a request that was let through.</summary>
    public LimitVerdict TryRows(long rows)
    {
        var spin = new SpinWait();
        while (true)
        {
            if (DecideRows(rows) is { } verdict)
                return verdict;
            spin.SpinOnce();
        }
    }

    private LimitVerdict? DecideRows(long rows)
    {
        var now = _time.GetTimestamp();
        var share = Volatile.Read(ref _share);
        if (share is null || now >= share.Until || share.Part <= 0)
            return new(LimitCause.Share);
        if (share.Rows is { } bucket)
        {
            if (rows > RowBurst)
                return Miss(new(LimitCause.TooManyRows), 0, 0, 0);
            var wait = bucket.Take(rows, now);
            if (wait < 0)
                return null;
            if (wait > 0)
                return Miss(new(LimitCause.Rows, Time(wait)), 0, rows, 0);
        }
        if (Policy.RowsPerDay is not null || Policy.RowsPerMonth is not null)
        {
            if (Volatile.Read(ref _block) is not { } block || !block.TakeRows(rows, now))
            {
                share.Rows?.Return(rows);
                return OutOfQuota(now);
            }
        }
        Interlocked.Add(ref _rows, rows);
        return default(LimitVerdict);
    }

    /// <summary>Charges bytes that were read before they were known: later requests wait for them.</summary>
    public void Charge(long bytes)
    {
        if (bytes <= 0)
            return;
        Interlocked.Add(ref _bytes, bytes);
        var now = _time.GetTimestamp();
        var spin = new SpinWait();
        while (Volatile.Read(ref _share) is { Bytes: { } bucket } && !bucket.Charge(bytes, now))
            spin.SpinOnce();
    }

    /// <summary>Begins a request where requests at a time are limited; <see cref="Exit"/> ends it.</summary>
    public LimitVerdict TryEnter()
    {
        var most = Volatile.Read(ref _share)?.Concurrent ?? 0;
        var count = Interlocked.Increment(ref _inFlight);
        if (most == 0 || count <= most)
            return default;
        Interlocked.Decrement(ref _inFlight);
        return Miss(new(LimitCause.Concurrent), 1, 0, 0);
    }

    /// <summary>Ends a request.</summary>
    public void Exit() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Requests that may come at once, in the whole cluster.</summary>
    public double RequestBurst =>
        Policy.RequestsPerSecond is { } rate
            ? LimitShare.BurstOf(rate, Policy.RequestBurst)
            : double.MaxValue;

    /// <summary>Rows that may come at once, in the whole cluster.</summary>
    public double RowBurst =>
        Policy.RowsPerSecond is { } rate
            ? LimitShare.BurstOf(rate, Policy.RowBurst)
            : double.MaxValue;

    /// <summary>Bytes that may come at once, in the whole cluster.</summary>
    public double ByteBurst =>
        Policy.BytesPerSecond is { } rate
            ? LimitShare.BurstOf(rate, Policy.ByteBurst)
            : double.MaxValue;

    /// <summary>Requests that this silo would let through at once, and how long its bucket takes to be full.</summary>
    public (long Requests, TimeSpan Full)? Left()
    {
        if (Volatile.Read(ref _share)?.Requests is not { } bucket)
            return null;
        var level = bucket.LevelAt(_time.GetTimestamp());
        return (
            (long)Math.Max(0, level),
            TimeSpan.FromSeconds(Math.Max(0, bucket.Burst - level) / bucket.Rate)
        );
    }

    /// <summary>Counts a request that an open verdict ended.</summary>
    public void Refused() => Interlocked.Increment(ref _refused);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private LimitVerdict OutOfQuota(long now)
    {
        if (now >= Volatile.Read(ref _exhaustedUntil))
            return new(LimitCause.Quota);
        Interlocked.Increment(ref _refused);
        return new(
            LimitCause.Exhausted,
            Time(Math.Max(_time.TimestampFrequency, Volatile.Read(ref _exhaustedEnds) - now)),
            Volatile.Read(ref _exhausted)
        );
    }

    private LimitVerdict Miss(LimitVerdict verdict, long requests, long rows, long bytes)
    {
        Interlocked.Increment(ref _refused);
        if (requests > 0)
            Interlocked.Add(ref _missedRequests, requests);
        if (rows > 0)
            Interlocked.Add(ref _missedRows, rows);
        if (bytes > 0)
            Interlocked.Add(ref _missedBytes, bytes);
        return verdict;
    }

    // Under the gate.
    private void Replace((long Number, double Part, long Until) lease, double idleSeconds, long now)
    {
        var before = _share;
        if (
            before is not null
            && before.Part == lease.Part
            && before.Policy == _policy
            && now < before.Until
        )
        {
            before.Extend(lease.Number, lease.Until);
            return;
        }
        Volatile.Write(
            ref _share,
            LimitShare.Make(
                _policy,
                before is not null && now < before.Until ? before : null,
                lease,
                idleSeconds,
                now,
                _time.TimestampFrequency
            )
        );
    }

    private TimeSpan Time(long ticks) =>
        TimeSpan.FromSeconds(ticks / (double)_time.TimestampFrequency);
}
