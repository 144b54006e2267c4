using OrleansMl.Contracts.Models;

namespace OrleansMl.Contracts.Datasets;

/// <summary>For a version that a model's answers became: how it was made.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetLineage")]
public sealed record DatasetLineage
{
    /// <summary>The model version that answered.</summary>
    [Id(0)]
    public required ModelVersionId Model { get; init; }

    /// <summary>The dataset version whose rows it answered.</summary>
    [Id(1)]
    public required DatasetVersionId Input { get; init; }

    /// <summary>Its split; null: all rows.</summary>
    [Id(2)]
    public string? Split { get; init; }

    /// <summary>The job that did it.</summary>
    [Id(3)]
    public required string Job { get; init; }
}
