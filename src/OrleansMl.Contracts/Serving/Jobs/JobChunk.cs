using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>A part of a job that is done: its rows' answers, in the rows' order.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.JobChunk")]
public sealed record JobChunk
{
    /// <summary>Its number, from 0.</summary>
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>Its file; null when it has no rows.</summary>
    [Id(1)]
    public ArtifactId? Artifact { get; init; }

    /// <summary>Its rows.</summary>
    [Id(2)]
    public required long Rows { get; init; }

    /// <summary>Its file's size.</summary>
    [Id(3)]
    public long Bytes { get; init; }
}
