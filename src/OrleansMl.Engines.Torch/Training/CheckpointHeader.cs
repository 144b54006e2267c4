namespace OrleansMl.Engines.Torch.Training;

/// <summary>What a checkpoint says in its metadata.</summary>
internal sealed record CheckpointHeader
{
    /// <summary>The layout's version that is written; others are refused.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The layout's version.</summary>
    public required int Format { get; init; }

    /// <summary>SHA-256 of the configuration and the dataset's identity.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>
    /// Steps done. With the seed it is the position in the data and the random state too: order, augmentation and dropout
    /// are drawn anew for every epoch or step.
    /// </summary>
    public required long Step { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Sums since the last step metrics.</summary>
    public required StepSums Interval { get; init; }

    /// <summary>Sums since the epoch began.</summary>
    public required StepSums Epoch { get; init; }

    /// <summary>Early stopping's best value.</summary>
    public double? Best { get; init; }

    /// <summary>Epochs since the best.</summary>
    public int EpochsWithout { get; init; }
}
