namespace OrleansMl.Core.Training.Workers;

/// <summary>Worker to silo: the process is alive.</summary>
public sealed record WorkerHeartbeat : WorkerMessage
{
    /// <summary>Bytes of memory resident in the process, native memory included.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Grows whenever the engine reports anything: a worker whose count stands still may be stuck in a kernel.</summary>
    public required long Activity { get; init; }
}
