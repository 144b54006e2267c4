namespace OrleansMl.Contracts.Operations;

/// <summary>The cluster at a glance.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ClusterStatus")]
public sealed record ClusterStatus
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required string ClusterId { get; init; }

    /// <summary>The software's version.</summary>
    [Id(1)]
    public required string Version { get; init; }

    /// <summary>All silos that are not long dead.</summary>
    [Id(2)]
    public required IReadOnlyList<SiloSnapshot> Silos { get; init; }

    /// <summary>Slots and queue.</summary>
    [Id(3)]
    public required Training.TrainingPoolSnapshot Pool { get; init; }

    /// <summary>Runs by phase.</summary>
    [Id(4)]
    public required IReadOnlyDictionary<string, long> Runs { get; init; }

    /// <summary>How many datasets.</summary>
    [Id(5)]
    public required long Datasets { get; init; }

    /// <summary>How many models.</summary>
    [Id(6)]
    public required long Models { get; init; }

    /// <summary>How many model versions.</summary>
    [Id(7)]
    public required long ModelVersions { get; init; }
}
