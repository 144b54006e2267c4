using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Training;

/// <summary>The one pool of compute slots and the queue for them. Its key is <see cref="Key"/>.</summary>
[Alias("oml.ITrainingPoolGrain")]
[ClientAccess(Permission.None)]
public interface ITrainingPoolGrain : IGrainWithStringKey
{
    /// <summary>The pool's key.</summary>
    public const string Key = "default";

    /// <summary>Queues a run; durable when this returns. A run that is queued or leased already stays where it is.</summary>
    /// <exception cref="OverloadedException">The queue is full.</exception>
    [Alias("Enqueue")]
    Task EnqueueAsync(
        TrainingRunId run,
        string accelerator,
        IReadOnlyDictionary<string, string> requiredLabels,
        CancellationToken cancellationToken
    );

    /// <summary>Takes a run out of the queue and ends its lease, if it has one.</summary>
    [Alias("Remove")]
    Task RemoveAsync(TrainingRunId run, CancellationToken cancellationToken);

    /// <summary>The run's place in the queue, 1 is next; null when it does not wait.</summary>
    [ClientAccess(Permission.Read)]
    [Alias("GetPosition")]
    Task<int?> GetPositionAsync(TrainingRunId run, CancellationToken cancellationToken);

    /// <summary>A train silo's heartbeat, every few seconds.</summary>
    [Alias("ReportSlots")]
    Task ReportSlotsAsync(SiloSlotsReport report, CancellationToken cancellationToken);

    /// <summary>Slots and queue.</summary>
    [ClientAccess(Permission.Read)]
    [Alias("Get")]
    Task<TrainingPoolSnapshot> GetAsync(CancellationToken cancellationToken);
}
