namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>How far a job is.</summary>
public enum InferenceJobPhase
{
    /// <summary>Waits for a silo with a free slot.</summary>
    Queued = 0,

    /// <summary>A silo works on it.</summary>
    Running = 1,

    /// <summary>Its result is there.</summary>
    Succeeded = 2,

    /// <summary>It can't be done; its error says why.</summary>
    Failed = 3,

    /// <summary>It was cancelled.</summary>
    Cancelled = 4,

    /// <summary>It had succeeded, and its result was not kept any longer.</summary>
    Expired = 5,
}
