using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Batching;

/// <summary>Says what is wrong with the section <c>batching</c>.</summary>
public static class BatchingPolicyChecks
{
    private const int MostRows = 4_096;
    private const long MostDelay = 10_000_000;
    private const int MostWaiting = 1_000_000;
    private const int MostLevels = 100;
    private const long MostTimeout = 3_600_000_000;
    private const int MostInstances = 1_024;

    /// <summary>The problems, each with the key, what was expected and what came.</summary>
    public static IEnumerable<string> Problems(BatchingPolicy? section) =>
        section is null
            ? []
            :
            [
                .. Between("maxBatchSize", section.MaxBatchSize, 1, MostRows),
                .. Between(
                    "maxQueueDelayMicroseconds",
                    section.MaxQueueDelayMicroseconds,
                    0,
                    MostDelay
                ),
                .. Between("queueLimit", section.QueueLimit, 1, MostWaiting),
                .. Between("priorityLevels", section.PriorityLevels, 1, MostLevels),
                .. Between("defaultPriority", section.DefaultPriority, 1, section.PriorityLevels),
                .. Between(
                    "defaultTimeoutMicroseconds",
                    section.DefaultTimeoutMicroseconds,
                    0,
                    MostTimeout
                ),
                .. Between("instances", section.Instances, 0, MostInstances),
            ];

    private static IEnumerable<string> Between(string key, long value, long least, long most)
    {
        if (value < least || value > most)
            yield return $"batching.{key}: expected {least} to {most}, got {value}.";
    }
}
