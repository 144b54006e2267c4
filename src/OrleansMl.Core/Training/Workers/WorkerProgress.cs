using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training.Workers;

/// <summary>Worker to silo: progress and points gathered since the last such message.</summary>
public sealed record WorkerProgress : WorkerMessage
{
    /// <summary>How far it is.</summary>
    public required TrainingProgress Progress { get; init; }

    /// <summary>New points, in order, at most <see cref="WorkerProtocol.MaxPointsPerFrame"/>.</summary>
    public required IReadOnlyList<MetricPoint> Points { get; init; }
}
