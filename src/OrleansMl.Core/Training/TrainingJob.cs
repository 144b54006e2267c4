using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Training;

/// <summary>All that an engine needs for one attempt.</summary>
public sealed record TrainingJob
{
    /// <summary>The run's configuration, YAML, already validated once on the way in.</summary>
    public required string Config { get; init; }

    /// <summary>The dataset version.</summary>
    public required DatasetManifest Dataset { get; init; }

    /// <summary>Local paths of the manifest's shards, in their order.</summary>
    public required IReadOnlyList<string> ShardPaths { get; init; }

    /// <summary>A checkpoint file to go on from.</summary>
    public string? ResumeFrom { get; init; }

    /// <summary>Seconds of training that led to that checkpoint.</summary>
    public double TrainingSecondsBefore { get; init; }

    /// <summary>A folder for checkpoints and results; the engine owns what it puts there until it reports it.</summary>
    public required string ScratchDirectory { get; init; }

    /// <summary><c>cpu:0</c>, <c>cuda:1</c>, …</summary>
    public required string Device { get; init; }

    /// <summary>Threads for tensor operations; part of what makes a run repeatable.</summary>
    public int Threads { get; init; } = 1;
}
