namespace OrleansMl.Core.Training;

/// <summary>Trains on one device. Implemented by Engines.Torch, hosted by a worker process.</summary>
public interface ITrainingEngine
{
    /// <summary>
    /// Trains to the end, synchronously on the calling thread. With the same job, a run resumed from any of its
    /// checkpoints ends in the same bits as an undisturbed one.
    /// </summary>
    /// <exception cref="Contracts.InvalidInputException">The configuration and data don't fit: another try would fail alike.</exception>
    /// <exception cref="OperationCanceledException">The observer's token asked to stop.</exception>
    TrainingOutcome Train(TrainingJob job, ITrainingObserver observer);
}
