namespace OrleansMl.Core.Training.Workers;

/// <summary>Worker to silo, its last message: the outcome; its files are the silo's.</summary>
public sealed record WorkerCompleted : WorkerMessage
{
    /// <summary>What the attempt made, or that it handed over.</summary>
    public required TrainingOutcome Outcome { get; init; }
}
