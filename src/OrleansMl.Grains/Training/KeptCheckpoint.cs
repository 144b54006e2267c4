using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>A checkpoint with the training that led to it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.KeptCheckpoint")]
internal sealed record KeptCheckpoint
{
    [Id(0)]
    public required CheckpointReference Reference { get; init; }

    [Id(1)]
    public double TrainingSeconds { get; init; }
}
