using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Grains.Datasets;

/// <summary>A commit under way.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.PendingCommit")]
internal sealed record PendingCommit
{
    [Id(0)]
    public required string CommandId { get; init; }

    [Id(1)]
    public required DatasetManifest Manifest { get; init; }
}
