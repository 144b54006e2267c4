namespace OrleansMl.Contracts.Training;

/// <summary>Where a run stands. Queued → Running → Registering → Succeeded; any but the ended ones may become Cancelled or Failed; Cancelled and Failed may be resumed to Queued.</summary>
[GenerateSerializer]
[Alias("oml.TrainingRunPhase")]
public enum TrainingRunPhase
{
    /// <summary>Waits for a compute slot.</summary>
    Queued = 0,

    /// <summary>An attempt holds a slot.</summary>
    Running = 1,

    /// <summary>Trained; its model version is being registered.</summary>
    Registering = 2,

    /// <summary>Registered.</summary>
    Succeeded = 3,

    /// <summary>Gave up; the error says why.</summary>
    Failed = 4,

    /// <summary>Stopped on request.</summary>
    Cancelled = 5,
}
