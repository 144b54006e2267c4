namespace OrleansMl.Core.Serving.Limits;

/// <summary>
/// A token bucket without a lock, as one number: the time at which it will be full again (the generic cell rate algorithm). Over any
/// time t it gives at most rate × t + burst tokens. What costs more than the burst is given only from a full bucket and paid back
/// before anything else is given. Thread-safe; allocates nothing.
/// </summary>
public sealed class TokenBucket
{
    // Set once, when a successor takes over what is in it.
    private const long Closed = long.MaxValue;

    private readonly double _ticksPerToken;
    private long _fullAt;

    /// <summary>Makes a bucket.</summary>
    /// <param name="rate">Tokens a second, more than 0.</param>
    /// <param name="burst">The most tokens in it, more than 0.</param>
    /// <param name="level">Tokens in it now; negative: owed.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="frequency">The clock's ticks a second.</param>
    public TokenBucket(double rate, double burst, double level, long now, long frequency)
    {
        Rate = rate;
        Burst = burst;
        _ticksPerToken = frequency / rate;
        // A full one is full for whoever read the clock a moment before it was made, too.
        _fullAt = level >= burst ? long.MinValue / 2 : now + Ticks(burst - level);
    }

    /// <summary>Tokens a second.</summary>
    public double Rate { get; }

    /// <summary>The most tokens in it.</summary>
    public double Burst { get; }

    /// <summary>Takes tokens.</summary>
    /// <param name="cost">How many, more than 0.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <returns>0: taken; more: ticks until they may be there; less: the bucket was replaced, ask its successor.</returns>
    public long Take(double cost, long now)
    {
        var price = Ticks(cost);
        // The bucket may lack so much of being full.
        var room = (long)(Math.Max(0, Burst - cost) * _ticksPerToken);
        while (true)
        {
            var fullAt = Volatile.Read(ref _fullAt);
            if (fullAt == Closed)
                return -1;
            var from = Math.Max(fullAt, now);
            var wait = from - now - room;
            if (wait > 0)
                return wait;
            if (Interlocked.CompareExchange(ref _fullAt, from + price, fullAt) == fullAt)
                return 0;
        }
    }

    /// <summary>Takes tokens for what was used already, down to a debt.</summary>
    /// <returns>Whether it was taken; else the bucket was replaced.</returns>
    public bool Charge(double cost, long now)
    {
        var price = Ticks(cost);
        while (true)
        {
            var fullAt = Volatile.Read(ref _fullAt);
            if (fullAt == Closed)
                return false;
            if (
                Interlocked.CompareExchange(ref _fullAt, Math.Max(fullAt, now) + price, fullAt)
                == fullAt
            )
                return true;
        }
    }

    /// <summary>Gives back what <see cref="Take"/> gave at the same moment.</summary>
    public void Return(double cost)
    {
        var price = Ticks(cost);
        while (true)
        {
            var fullAt = Volatile.Read(ref _fullAt);
            // A successor doesn't get it: less than there is, never more.
            if (
                fullAt == Closed
                || Interlocked.CompareExchange(ref _fullAt, fullAt - price, fullAt) == fullAt
            )
                return;
        }
    }

    /// <summary>Tokens in it now; negative: owed.</summary>
    public double LevelAt(long now)
    {
        var fullAt = Volatile.Read(ref _fullAt);
        return fullAt == Closed ? 0 : Level(fullAt, now);
    }

    /// <summary>Ends this bucket: nothing is taken from it any more, and what was in it is the answer.</summary>
    public double Close(long now)
    {
        var fullAt = Interlocked.Exchange(ref _fullAt, Closed);
        return fullAt == Closed ? 0 : Level(fullAt, now);
    }

    private double Level(long fullAt, long now) =>
        Burst - (Math.Max(0, fullAt - now) / _ticksPerToken);

    // Upwards: what rounding takes is never given away.
    private long Ticks(double tokens) =>
        (long)Math.Min(long.MaxValue / 8, Math.Ceiling(tokens * _ticksPerToken));
}
