namespace OrleansMl.Contracts.Models;

/// <summary>What readers get of a version.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelVersionSnapshot")]
public sealed record ModelVersionSnapshot
{
    /// <summary>Name and version.</summary>
    [Id(0)]
    public required ModelVersionId Id { get; init; }

    /// <summary>The ONNX file.</summary>
    [Id(1)]
    public required Artifacts.ArtifactId Onnx { get; init; }

    /// <summary>Weights to go on training from.</summary>
    [Id(2)]
    public Artifacts.ArtifactId? Weights { get; init; }

    /// <summary>What it takes and gives.</summary>
    [Id(3)]
    public required ModelSignature Signature { get; init; }

    /// <summary>Where it comes from.</summary>
    [Id(4)]
    public required ModelLineage Lineage { get; init; }

    /// <summary>Scores.</summary>
    [Id(5)]
    public IReadOnlyList<Training.Evaluation> Evaluations { get; init; } = [];

    /// <summary>Whether it took an alias when it was registered.</summary>
    [Id(6)]
    public Training.PromotionDecision? Promotion { get; init; }

    /// <summary>When it was registered.</summary>
    [Id(7)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who asked.</summary>
    [Id(8)]
    public string RegisteredBy { get; init; } = "";

    /// <summary>For a pipeline: its document, YAML or JSON; <see cref="Onnx"/> names its bytes. Null for a model of its own.</summary>
    [Id(9)]
    public string? Pipeline { get; init; }

    /// <summary>Inputs with the outputs that the trained model itself gave for them: what a silo compares before it serves the version. Imported versions have none.</summary>
    [Id(10)]
    public Artifacts.ArtifactId? Golden { get; init; }
}
