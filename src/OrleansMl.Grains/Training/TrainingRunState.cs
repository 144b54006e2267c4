using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>What a run's grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.TrainingRunState")]
internal sealed record TrainingRunState
{
    /// <summary>Null only where there is no run.</summary>
    [Id(0)]
    public TrainingRunSpec? Spec { get; init; }

    [Id(1)]
    public TrainingRunPhase Phase { get; init; }

    [Id(2)]
    public int Attempt { get; init; }

    /// <summary>The lease that the newest attempt began under.</summary>
    [Id(3)]
    public string LeaseId { get; init; } = "";

    /// <summary>Oldest first, the newest few.</summary>
    [Id(4)]
    public IReadOnlyList<AttemptSnapshot> Attempts { get; init; } = [];

    /// <summary>Attempts that count against the limit, since the run was submitted or resumed.</summary>
    [Id(5)]
    public int FailedAttempts { get; init; }

    /// <summary>Attempts that went with their silos, since the run was submitted or resumed.</summary>
    [Id(6)]
    public int LostAttempts { get; init; }

    /// <summary>By step.</summary>
    [Id(7)]
    public IReadOnlyList<KeptCheckpoint> Checkpoints { get; init; } = [];

    /// <summary>Checkpoints no longer kept, to which the run may still refer.</summary>
    [Id(8)]
    public IReadOnlyList<ArtifactId> Dropped { get; init; } = [];

    [Id(9)]
    public TrainingProgress? Progress { get; init; }

    /// <summary>Registering: what is to be registered.</summary>
    [Id(10)]
    public AttemptResult? Result { get; init; }

    [Id(11)]
    public IReadOnlyList<Evaluation> Evaluations { get; init; } = [];

    [Id(12)]
    public ModelVersionId? Version { get; init; }

    [Id(13)]
    public PromotionDecision? Promotion { get; init; }

    [Id(14)]
    public string? Error { get; init; }

    [Id(15)]
    public DateTimeOffset SubmittedAt { get; init; }

    [Id(16)]
    public DateTimeOffset? StartedAt { get; init; }

    [Id(17)]
    public DateTimeOffset? EndedAt { get; init; }

    [Id(18)]
    public double TrainingSeconds { get; init; }

    [Id(19)]
    public ArtifactId? Weights { get; init; }

    [Id(20)]
    public bool CancelRequested { get; init; }

    /// <summary>The newest event's number when this was written.</summary>
    [Id(21)]
    public long Sequence { get; init; }
}
