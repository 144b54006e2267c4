namespace OrleansMl.Core.Training.Workers;

/// <summary>Worker to silo, its last message: training ended without an outcome.</summary>
public sealed record WorkerFailed : WorkerMessage
{
    /// <summary>What kind of failure.</summary>
    public required WorkerFailureKind Kind { get; init; }

    /// <summary>For people: what went wrong.</summary>
    public required string Message { get; init; }
}
