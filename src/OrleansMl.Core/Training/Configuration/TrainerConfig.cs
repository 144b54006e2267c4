namespace OrleansMl.Core.Training.Configuration;

/// <summary>How to train.</summary>
public sealed record TrainerConfig
{
    /// <summary>The optimizer.</summary>
    public OptimizerConfig Optimizer { get; init; } = new();

    /// <summary>The rate's schedule.</summary>
    public ScheduleConfig Schedule { get; init; } = new();

    /// <summary>Passes over the training rows, 1 to 10,000.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Ends earlier after so many steps.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Examples a step, 1 to 65,536. The last, smaller batch of an epoch is trained too, unless it has a single row.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Examples an evaluation batch.</summary>
    public int EvaluationBatchSize { get; init; } = 1024;

    /// <summary>Largest global gradient norm.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Largest absolute gradient element.</summary>
    public double? ClipValue { get; init; }

    /// <summary>When to stop early.</summary>
    public EarlyStoppingConfig? EarlyStopping { get; init; }

    /// <summary>Image augmentation.</summary>
    public AugmentationConfig? Augmentation { get; init; }

    /// <summary>Seed of initialization, order, dropout and augmentation.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Threads for tensor operations, 1 to 64; part of what makes a run repeatable.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Steps between step metrics.</summary>
    public int LogEverySteps { get; init; } = 20;

    /// <summary>Steps between checkpoints.</summary>
    public long? CheckpointEverySteps { get; init; }

    /// <summary>Seconds between checkpoints.</summary>
    public double? CheckpointEverySeconds { get; init; } = 60;
}
