using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>What a job's grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.InferenceJobState")]
internal sealed record InferenceJobState
{
    /// <summary>Null only where there is no job.</summary>
    [Id(0)]
    public InferenceJobSpec? Spec { get; init; }

    [Id(1)]
    public InferenceJobPhase Phase { get; init; }

    [Id(2)]
    public long Revision { get; init; }

    [Id(3)]
    public int Attempt { get; init; }

    [Id(4)]
    public string Silo { get; init; } = "";

    [Id(5)]
    public int FailedAttempts { get; init; }

    [Id(6)]
    public IReadOnlyList<JobChunk> Chunks { get; init; } = [];

    /// <summary>Rows done before the newest attempt.</summary>
    [Id(7)]
    public long RowsBefore { get; init; }

    [Id(8)]
    public ArtifactId? Result { get; init; }

    [Id(9)]
    public DatasetVersionId? ResultDataset { get; init; }

    [Id(10)]
    public string? Error { get; init; }

    [Id(11)]
    public bool CancelRequested { get; init; }

    [Id(12)]
    public DateTimeOffset SubmittedAt { get; init; }

    [Id(13)]
    public DateTimeOffset? StartedAt { get; init; }

    [Id(14)]
    public DateTimeOffset? EndedAt { get; init; }

    [Id(15)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the newest chunk was recorded.</summary>
    [Id(16)]
    public DateTimeOffset? ChunkAt { get; init; }
}
