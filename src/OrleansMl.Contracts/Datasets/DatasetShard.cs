namespace OrleansMl.Contracts.Datasets;

/// <summary>One Parquet file of rows. Its last column <c>__split</c> (INT32) gives each row's split: 0 train, 1 validation, 2 test.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetShard")]
public sealed record DatasetShard
{
    /// <summary>The file.</summary>
    [Id(0)]
    public required Artifacts.ArtifactId Artifact { get; init; }

    /// <summary>Its rows.</summary>
    [Id(1)]
    public required long Rows { get; init; }

    /// <summary>Its size.</summary>
    [Id(2)]
    public required long Bytes { get; init; }

    /// <summary>The dataset version that brought it.</summary>
    [Id(3)]
    public required int SinceVersion { get; init; }
}
