namespace OrleansMl.Contracts.Models;

/// <summary>Where a version comes from.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelLineage")]
public sealed record ModelLineage
{
    /// <summary>Trained on.</summary>
    [Id(0)]
    public Datasets.DatasetVersionId? Dataset { get; init; }

    /// <summary>Trained by.</summary>
    [Id(1)]
    public Training.TrainingRunId? Run { get; init; }

    /// <summary>The attempt of it.</summary>
    [Id(2)]
    public int? Attempt { get; init; }

    /// <summary>The YAML it was trained with.</summary>
    [Id(3)]
    public string? Config { get; init; }

    /// <summary>The version that training went on from.</summary>
    [Id(4)]
    public ModelVersionId? Parent { get; init; }

    /// <summary>For an import: where the file came from.</summary>
    [Id(5)]
    public string? Source { get; init; }
}
