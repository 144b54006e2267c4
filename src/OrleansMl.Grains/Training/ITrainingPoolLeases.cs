using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>What runs tell the pool of their leases. Implemented by the pool's grain.</summary>
[Alias("oml.ITrainingPoolLeases")]
internal interface ITrainingPoolLeases : IGrainWithStringKey
{
    /// <summary>An attempt ended: its slot is free, and the run waits again at its old place if it is to go on.</summary>
    [Alias("EndLease")]
    Task EndLeaseAsync(
        TrainingRunId run,
        int attempt,
        bool requeue,
        string accelerator,
        IReadOnlyDictionary<string, string> requiredLabels,
        CancellationToken cancellationToken
    );
}
