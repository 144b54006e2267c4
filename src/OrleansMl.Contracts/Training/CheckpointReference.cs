namespace OrleansMl.Contracts.Training;

/// <summary>A checkpoint in the artifact store.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.CheckpointReference")]
public sealed record CheckpointReference
{
    /// <summary>A safetensors file: weights, optimizer, random state, position in the data.</summary>
    [Id(0)]
    public required Artifacts.ArtifactId Artifact { get; init; }

    /// <summary>Steps done when it was written.</summary>
    [Id(1)]
    public required long Step { get; init; }

    /// <summary>Its size.</summary>
    [Id(2)]
    public required long Bytes { get; init; }

    /// <summary>When it was accepted.</summary>
    [Id(3)]
    public DateTimeOffset CreatedAt { get; init; }
}
