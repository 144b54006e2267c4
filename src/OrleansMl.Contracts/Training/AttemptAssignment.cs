namespace OrleansMl.Contracts.Training;

/// <summary>What a slot needs to run an attempt.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AttemptAssignment")]
public sealed record AttemptAssignment
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required TrainingRunId Run { get; init; }

    /// <summary>The fencing token.</summary>
    [Id(1)]
    public required int Attempt { get; init; }

    /// <summary>What to train.</summary>
    [Id(2)]
    public required TrainingRunSpec Spec { get; init; }

    /// <summary>What to train on.</summary>
    [Id(3)]
    public required Datasets.DatasetManifest Dataset { get; init; }

    /// <summary>The checkpoint to go on from.</summary>
    [Id(4)]
    public CheckpointReference? ResumeFrom { get; init; }

    /// <summary>Seconds of training that led to the checkpoint.</summary>
    [Id(5)]
    public double TrainingSecondsBefore { get; init; }
}
