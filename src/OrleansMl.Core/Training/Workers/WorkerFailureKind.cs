namespace OrleansMl.Core.Training.Workers;

/// <summary>Why a worker's training ended without an outcome.</summary>
public enum WorkerFailureKind
{
    /// <summary>Something that another try may not have.</summary>
    Error = 0,

    /// <summary>Configuration and data don't fit: another try would fail alike.</summary>
    InvalidInput = 1,

    /// <summary>It was asked to stop.</summary>
    Stopped = 2,
}
