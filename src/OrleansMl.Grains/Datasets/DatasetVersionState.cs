using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Grains.Datasets;

/// <summary>What a dataset version's grain keeps.</summary>
[GenerateSerializer]
[Alias("oml.DatasetVersionState")]
internal sealed record DatasetVersionState
{
    [Id(0)]
    public DatasetManifest? Manifest { get; init; }
}
