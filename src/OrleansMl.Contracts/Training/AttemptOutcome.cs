namespace OrleansMl.Contracts.Training;

/// <summary>How an attempt ended.</summary>
[GenerateSerializer]
[Alias("oml.AttemptOutcome")]
public enum AttemptOutcome
{
    /// <summary>Not yet.</summary>
    Running = 0,

    /// <summary>It delivered a model.</summary>
    Succeeded = 1,

    /// <summary>The worker reported an error that another try may not have.</summary>
    Error = 2,

    /// <summary>The worker process ended without a result.</summary>
    Crashed = 3,

    /// <summary>The worker sent no heartbeat in time and was killed.</summary>
    Hung = 4,

    /// <summary>The worker grew past its limit and was killed.</summary>
    OutOfMemory = 5,

    /// <summary>Its silo died, left or stopped renewing the slot's lease.</summary>
    LeaseLost = 6,

    /// <summary>Its silo drained; the attempt wrote a checkpoint and stopped.</summary>
    HandedOver = 7,

    /// <summary>The run was cancelled.</summary>
    Cancelled = 8,

    /// <summary>The spec or data can't be trained on: another try would fail alike.</summary>
    InvalidInput = 9,
}
