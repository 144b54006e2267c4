namespace OrleansMl.Contracts.Training;

/// <summary>What readers get of a run.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrainingRunSnapshot")]
public sealed record TrainingRunSnapshot
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required TrainingRunId Id { get; init; }

    /// <summary>What was asked.</summary>
    [Id(1)]
    public required TrainingRunSpec Spec { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)]
    public required TrainingRunPhase Phase { get; init; }

    /// <summary>The newest attempt's number; 0 before the first.</summary>
    [Id(3)]
    public int Attempt { get; init; }

    /// <summary>1 is next; null when not queued.</summary>
    [Id(4)]
    public int? QueuePosition { get; init; }

    /// <summary>How far it is.</summary>
    [Id(5)]
    public TrainingProgress? Progress { get; init; }

    /// <summary>All tries.</summary>
    [Id(6)]
    public IReadOnlyList<AttemptSnapshot> Attempts { get; init; } = [];

    /// <summary>Those kept, oldest first.</summary>
    [Id(7)]
    public IReadOnlyList<CheckpointReference> Checkpoints { get; init; } = [];

    /// <summary>Scores of the final model.</summary>
    [Id(8)]
    public IReadOnlyList<Evaluation> Evaluations { get; init; } = [];

    /// <summary>The version it registered.</summary>
    [Id(9)]
    public Models.ModelVersionId? Version { get; init; }

    /// <summary>What became of the alias.</summary>
    [Id(10)]
    public PromotionDecision? Promotion { get; init; }

    /// <summary>Why it failed.</summary>
    [Id(11)]
    public string? Error { get; init; }

    /// <summary>When it was accepted.</summary>
    [Id(12)]
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When the first attempt began.</summary>
    [Id(13)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(14)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Seconds spent in attempts.</summary>
    [Id(15)]
    public double TrainingSeconds { get; init; }

    /// <summary>The final weights, safetensors.</summary>
    [Id(16)]
    public Artifacts.ArtifactId? Weights { get; init; }

    /// <summary>A cancel was asked for and is under way.</summary>
    [Id(17)]
    public bool CancelRequested { get; init; }
}
