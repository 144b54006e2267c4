using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Batching;

/// <summary>A policy as a version on a silo follows it: checked, in the clock's ticks, with what the version and the silo allow.</summary>
/// <param name="MaxRows">Rows that are run together at most; 1: calls run one by one.</param>
/// <param name="DelayTicks">How long the first call of a batch waits for others; 0: not.</param>
/// <param name="QueueLimit">Calls that wait at most.</param>
/// <param name="Levels">Levels of priority.</param>
/// <param name="DefaultLevel">The level of calls that ask for none.</param>
/// <param name="TimeoutTicks">Of calls that name none; 0: no limit.</param>
/// <param name="Instances">Runs side by side.</param>
public sealed record BatchRules(
    int MaxRows,
    long DelayTicks,
    int QueueLimit,
    int Levels,
    int DefaultLevel,
    long TimeoutTicks,
    int Instances
)
{
    /// <summary>The rules for a version.</summary>
    /// <param name="policy">The model's.</param>
    /// <param name="batches">Whether the version gives the same answers together as one by one.</param>
    /// <param name="threads">The silo's inference threads.</param>
    /// <param name="frequency">The clock's ticks a second.</param>
    public static BatchRules Of(BatchingPolicy policy, bool batches, int threads, long frequency)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var together = policy.Enabled && batches && policy.MaxBatchSize > 1;
        return new BatchRules(
            together ? policy.MaxBatchSize : 1,
            together ? Ticks(policy.MaxQueueDelayMicroseconds, frequency) : 0,
            policy.QueueLimit,
            policy.PriorityLevels,
            policy.DefaultPriority,
            Ticks(policy.DefaultTimeoutMicroseconds, frequency),
            policy.Instances == 0 ? threads : policy.Instances
        );
    }

    /// <summary>The level that a call asks for: 0 is the default, and a lower one than there is counts as the lowest.</summary>
    public int LevelOf(int asked) => asked <= 0 ? DefaultLevel : Math.Min(asked, Levels);

    /// <summary>When a call is too late to begin.</summary>
    /// <param name="now">When it came.</param>
    /// <param name="timeoutMicroseconds">What it asks for; 0: the default.</param>
    /// <param name="frequency">The clock's ticks a second.</param>
    public long DeadlineOf(long now, long timeoutMicroseconds, long frequency)
    {
        var ticks = timeoutMicroseconds > 0 ? Ticks(timeoutMicroseconds, frequency) : TimeoutTicks;
        return ticks <= 0 || ticks > long.MaxValue - now ? long.MaxValue : now + ticks;
    }

    private static long Ticks(long microseconds, long frequency) =>
        (long)Math.Min(microseconds * (frequency / 1e6), long.MaxValue / 4);
}
