namespace OrleansMl.Contracts.Training;

/// <summary>How far a run is.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrainingProgress")]
public sealed record TrainingProgress
{
    /// <summary>Optimizer steps done.</summary>
    [Id(0)]
    public required long Step { get; init; }

    /// <summary>Steps that the spec asks for; fewer are done when it stops early.</summary>
    [Id(1)]
    public required long TotalSteps { get; init; }

    /// <summary>Epoch under way, from 1.</summary>
    [Id(2)]
    public required int Epoch { get; init; }

    /// <summary>Epochs asked for.</summary>
    [Id(3)]
    public required int Epochs { get; init; }

    /// <summary>Training examples a second in this attempt, evaluation and checkpoints left out.</summary>
    [Id(4)]
    public double ExamplesPerSecond { get; init; }
}
