using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Training;

/// <summary>A training run by its id. Readers and submitters call it; so do the slots, with the attempt's number on each report.</summary>
[Alias("oml.ITrainingRunGrain")]
[ClientAccess(Permission.None)]
public interface ITrainingRunGrain : IGrainWithStringKey
{
    /// <summary>Accepts the run: durable and queued when this returns. The same spec again gives the same run; another spec is refused.</summary>
    /// <exception cref="ConflictException">A run of this id has another spec.</exception>
    /// <exception cref="OverloadedException">The queue is full.</exception>
    [Alias("Submit")]
    Task<TrainingRunSnapshot> SubmitAsync(
        TrainingRunSpec spec,
        CancellationToken cancellationToken
    );

    /// <summary>The run, or null when there is none of this id.</summary>
    [ClientAccess(Permission.Read)]
    [Alias("Get")]
    Task<TrainingRunSnapshot?> GetAsync(CancellationToken cancellationToken);

    /// <summary>The run's events from now on, the present state first; ends when the run has ended.</summary>
    [ClientAccess(Permission.Read)]
    [Alias("Watch")]
    IAsyncEnumerable<TrainingEvent> WatchAsync(CancellationToken cancellationToken);

    /// <summary>Stops the run; one that has ended stays as it is.</summary>
    [ClientAccess(Permission.Train, Action = "run.cancel", Kind = "run")]
    [Alias("Cancel")]
    Task<TrainingRunSnapshot> CancelAsync(CancellationToken cancellationToken);

    /// <summary>Queues a failed or cancelled run again, from its last checkpoint.</summary>
    /// <exception cref="ConflictException">The run is neither failed nor cancelled.</exception>
    [ClientAccess(Permission.Train, Action = "run.resume", Kind = "run")]
    [Alias("Resume")]
    Task<TrainingRunSnapshot> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Called by the pool that leased a slot: begins the next attempt and gives what the slot needs, or null when the run no longer wants one. The same lease again gives the same attempt.</summary>
    [Alias("BeginAttempt")]
    Task<AttemptAssignment?> BeginAttemptAsync(
        string slot,
        string leaseId,
        CancellationToken cancellationToken
    );

    /// <summary>Progress of an attempt.</summary>
    [Alias("Report")]
    Task<AttemptDirective> ReportAsync(AttemptReport report, CancellationToken cancellationToken);

    /// <summary>A checkpoint already in the artifact store; accepted when this returns Continue or Cancel.</summary>
    [Alias("ReportCheckpoint")]
    Task<AttemptDirective> ReportCheckpointAsync(
        int attempt,
        CheckpointReference checkpoint,
        CancellationToken cancellationToken
    );

    /// <summary>The attempt's model; registers it. The same result again does nothing.</summary>
    [Alias("Complete")]
    Task<AttemptDirective> CompleteAsync(AttemptResult result, CancellationToken cancellationToken);

    /// <summary>The attempt ended without a model: queued again, failed, or cancelled, by its outcome.</summary>
    [Alias("EndAttempt")]
    Task EndAttemptAsync(AttemptEnd end, CancellationToken cancellationToken);
}
