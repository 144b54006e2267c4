using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>This silo's share of a limit, with its buckets. Replaced whole when the share or the policy changes.</summary>
internal sealed class LimitShare
{
    private long _number;
    private long _until;

    public required LimitPolicy Policy { get; init; }

    public required double Part { get; init; }

    /// <summary>The lease's number.</summary>
    public long Number => Volatile.Read(ref _number);

    /// <summary>The clock's timestamp from which on it is no longer the silo's.</summary>
    public long Until => Volatile.Read(ref _until);

    public TokenBucket? Requests { get; private init; }

    public TokenBucket? Rows { get; private init; }

    public TokenBucket? Bytes { get; private init; }

    /// <summary>Requests at a time; 0: not limited.</summary>
    public int Concurrent { get; private init; }

    /// <summary>Makes a share; what was in the buckets of the one before is in its own.</summary>
    /// <param name="policy">The limits.</param>
    /// <param name="before">The share before; null: none is held.</param>
    /// <param name="lease">The lease's number, part and end.</param>
    /// <param name="idleSeconds">Without a share before: for how long the buckets have been filling.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="frequency">The clock's ticks a second.</param>
    public static LimitShare Make(
        LimitPolicy policy,
        LimitShare? before,
        (long Number, double Part, long Until) lease,
        double idleSeconds,
        long now,
        long frequency
    )
    {
        return new LimitShare
        {
            _number = lease.Number,
            _until = lease.Until,
            Policy = policy,
            Part = lease.Part,
            Requests = Bucket(policy.RequestsPerSecond, policy.RequestBurst, s => s.Requests),
            Rows = Bucket(policy.RowsPerSecond, policy.RowBurst, s => s.Rows),
            Bytes = Bucket(policy.BytesPerSecond, policy.ByteBurst, s => s.Bytes),
            Concurrent = policy.ConcurrentRequests is { } whole
                ? Math.Max(1, (int)(whole * lease.Part))
                : 0,
        };

        TokenBucket? Bucket(double? rate, double? burst, Func<LimitShare, TokenBucket?> of)
        {
            var left = before is null ? null : of(before)?.Close(now);
            if (rate is not { } perSecond || lease.Part <= 0)
                return null;
            var mine = perSecond * lease.Part;
            // Less than one would let nothing through for ever.
            var room = Math.Max(1, BurstOf(perSecond, burst) * lease.Part);
            var level =
                left
                ?? (
                    before is null ? mine * idleSeconds
                    : before.Part <= 0 ? 0
                    // A limit that is new begins with its burst.
                    : room
                );
            return new TokenBucket(mine, room, level, now, frequency);
        }
    }

    /// <summary>Takes a later lease of the same part.</summary>
    public void Extend(long number, long until)
    {
        Volatile.Write(ref _number, number);
        Volatile.Write(ref _until, until);
    }

    /// <summary>A limit's burst in the whole cluster.</summary>
    public static double BurstOf(double rate, double? burst) => burst ?? Math.Max(1, rate);
}
