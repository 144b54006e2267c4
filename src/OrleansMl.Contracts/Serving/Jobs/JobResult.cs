using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>What an attempt ended with, once every chunk is done.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.JobResult")]
public sealed record JobResult
{
    /// <summary>The attempt.</summary>
    [Id(0)]
    public required int Attempt { get; init; }

    /// <summary>The answer to a stored request.</summary>
    [Id(1)]
    public ArtifactId? Result { get; init; }

    /// <summary>The dataset version that was committed.</summary>
    [Id(2)]
    public DatasetVersionId? Dataset { get; init; }
}
