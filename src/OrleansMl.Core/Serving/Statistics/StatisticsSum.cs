using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Statistics;

/// <summary>Adds up what silos counted.</summary>
public static class StatisticsSum
{
    /// <summary>One sum a version, sorted.</summary>
    public static IReadOnlyList<VersionStatistics> Of(IEnumerable<VersionStatistics> parts) =>
        [
            .. parts
                .GroupBy(part => part.Version)
                .Select(group => group.Aggregate(Add))
                .OrderBy(sum => sum.Version.Name, StringComparer.Ordinal)
                .ThenBy(sum => sum.Version.Version),
        ];

    private static VersionStatistics Add(VersionStatistics a, VersionStatistics b) =>
        new()
        {
            Version = a.Version,
            LastInferenceMilliseconds = Math.Max(
                a.LastInferenceMilliseconds,
                b.LastInferenceMilliseconds
            ),
            InferenceCount = a.InferenceCount + b.InferenceCount,
            ExecutionCount = a.ExecutionCount + b.ExecutionCount,
            Success = a.Success + b.Success,
            Fail = a.Fail + b.Fail,
            Queue = a.Queue + b.Queue,
            ComputeInput = a.ComputeInput + b.ComputeInput,
            ComputeInfer = a.ComputeInfer + b.ComputeInfer,
            ComputeOutput = a.ComputeOutput + b.ComputeOutput,
            CacheHit = a.CacheHit + b.CacheHit,
            CacheMiss = a.CacheMiss + b.CacheMiss,
            MemoryBytes = a.MemoryBytes + b.MemoryBytes,
            Batches =
            [
                .. a
                    .Batches.Concat(b.Batches)
                    .GroupBy(batch => batch.BatchSize)
                    .Select(size => size.Aggregate(Add))
                    .OrderBy(batch => batch.BatchSize),
            ],
        };

    private static BatchStatistics Add(BatchStatistics a, BatchStatistics b) =>
        new()
        {
            BatchSize = a.BatchSize,
            ComputeInput = a.ComputeInput + b.ComputeInput,
            ComputeInfer = a.ComputeInfer + b.ComputeInfer,
            ComputeOutput = a.ComputeOutput + b.ComputeOutput,
        };
}
