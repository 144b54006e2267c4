namespace OrleansMl.Core.Training.Workers;

/// <summary>The worker's first message.</summary>
public sealed record WorkerHello : WorkerMessage
{
    /// <summary>The worker's <see cref="WorkerProtocol.Version"/>.</summary>
    public required int Version { get; init; }

    /// <summary>The worker's process id.</summary>
    public required int ProcessId { get; init; }
}
