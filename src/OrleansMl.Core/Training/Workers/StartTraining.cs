namespace OrleansMl.Core.Training.Workers;

/// <summary>Silo to worker: train this. Comes once, after the hellos.</summary>
public sealed record StartTraining : WorkerMessage
{
    /// <summary>The job, with paths on this machine.</summary>
    public required TrainingJob Job { get; init; }
}
