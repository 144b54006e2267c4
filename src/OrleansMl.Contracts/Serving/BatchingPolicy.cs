namespace OrleansMl.Contracts.Serving;

/// <summary>
/// How calls that meet at a version are run together, and who waits. A version is only batched when every input and output
/// has a variable first dimension and a trial at its loading gave the same answers together as one by one.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.BatchingPolicy")]
public sealed record BatchingPolicy
{
    /// <summary>The defaults: what holds for a model without this section.</summary>
    public static BatchingPolicy Default { get; } = new();

    /// <summary>Whether calls that wait are run together; false: one by one, in the same order. Default true.</summary>
    [Id(0)]
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// Rows that are run together at most; a call that has more runs alone. Most of what batching gains on a processor is there at
    /// 8, and a larger batch makes its first call wait for its last. Default 32; 1 to 4,096.
    /// </summary>
    [Id(1)]
    public int MaxBatchSize { get; init; } = 32;

    /// <summary>
    /// How long the first call of a batch waits for others, in microseconds, even when the model is idle. 0: nobody waits
    /// for calls that may never come, and what waits anyway because the model is busy is run together. Default 0; to 10,000,000.
    /// </summary>
    [Id(2)]
    public long MaxQueueDelayMicroseconds { get; init; }

    /// <summary>Calls that wait at a version on a silo at most; a further one is refused (429). It bounds memory and how long a flood lasts. Default 1,024; 1 to 1,000,000.</summary>
    [Id(3)]
    public int QueueLimit { get; init; } = 1_024;

    /// <summary>Levels of priority, 1 being the highest; a call of a lower one (a larger number) counts as the lowest. Default 10; 1 to 100.</summary>
    [Id(4)]
    public int PriorityLevels { get; init; } = 10;

    /// <summary>The level of calls that ask for none. Default 5; 1 to <see cref="PriorityLevels"/>.</summary>
    [Id(5)]
    public int DefaultPriority { get; init; } = 5;

    /// <summary>
    /// How long a call that names no timeout may wait for its run to begin and end, in microseconds. What can't be met by the measured
    /// cost of the batches before it is refused at once (503), what was missed is never run. 0: no limit. Default 0; to 3,600,000,000.
    /// </summary>
    [Id(6)]
    public long DefaultTimeoutMicroseconds { get; init; }

    /// <summary>Runs of a version side by side on a silo. 0: as many as the silo has inference threads. Default 0; to 1,024.</summary>
    [Id(7)]
    public int Instances { get; init; }
}
