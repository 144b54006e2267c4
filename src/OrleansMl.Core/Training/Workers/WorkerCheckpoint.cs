namespace OrleansMl.Core.Training.Workers;

/// <summary>Worker to silo: a complete checkpoint file, now the silo's to store and delete.</summary>
public sealed record WorkerCheckpoint : WorkerMessage
{
    /// <summary>Its absolute path, inside the scratch folder.</summary>
    public required string Path { get; init; }

    /// <summary>Steps done when it was written.</summary>
    public required long Step { get; init; }
}
