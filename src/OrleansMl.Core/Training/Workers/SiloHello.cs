namespace OrleansMl.Core.Training.Workers;

/// <summary>The silo's first message.</summary>
public sealed record SiloHello : WorkerMessage
{
    /// <summary>The silo's <see cref="WorkerProtocol.Version"/>.</summary>
    public required int Version { get; init; }

    /// <summary>Seconds without a ping after which the worker ends itself.</summary>
    public required double PingTimeoutSeconds { get; init; }

    /// <summary>Seconds between the worker's heartbeats.</summary>
    public required double HeartbeatSeconds { get; init; }

    /// <summary>Seconds for which the worker gathers progress before it sends it.</summary>
    public required double ProgressSeconds { get; init; }
}
