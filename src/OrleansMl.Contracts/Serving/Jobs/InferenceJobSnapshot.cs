using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>What readers get of a job.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceJobSnapshot")]
public sealed record InferenceJobSnapshot
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The ask.</summary>
    [Id(1)]
    public required InferenceJobSpec Spec { get; init; }

    /// <summary>How far it is.</summary>
    [Id(2)]
    public required InferenceJobPhase Phase { get; init; }

    /// <summary>Counts the changes.</summary>
    [Id(3)]
    public long Revision { get; init; }

    /// <summary>The newest attempt's number, which is its fencing token; 0: none began.</summary>
    [Id(4)]
    public int Attempt { get; init; }

    /// <summary>The silo of the newest attempt.</summary>
    [Id(5)]
    public string Silo { get; init; } = "";

    /// <summary>Rows done.</summary>
    [Id(6)]
    public long RowsDone { get; init; }

    /// <summary>Rows a second since the newest attempt began; 0: not known yet.</summary>
    [Id(7)]
    public double RowsPerSecond { get; init; }

    /// <summary>What is done, in order.</summary>
    [Id(8)]
    public IReadOnlyList<JobChunk> Chunks { get; init; } = [];

    /// <summary>The answer to a stored request.</summary>
    [Id(9)]
    public ArtifactId? Result { get; init; }

    /// <summary>The dataset version that the scored rows became.</summary>
    [Id(10)]
    public DatasetVersionId? ResultDataset { get; init; }

    /// <summary>Why it failed.</summary>
    [Id(11)]
    public string? Error { get; init; }

    /// <summary>Whether it was asked to stop.</summary>
    [Id(12)]
    public bool CancelRequested { get; init; }

    /// <summary>When it was submitted.</summary>
    [Id(13)]
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When its newest attempt began.</summary>
    [Id(14)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(15)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Until when its result is kept.</summary>
    [Id(16)]
    public DateTimeOffset? ExpiresAt { get; init; }
}
