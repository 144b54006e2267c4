namespace OrleansMl.Contracts.Models;

/// <summary>The ask to register a version; its files are already in the artifact store.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelRegistration")]
public sealed record ModelRegistration
{
    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>The ONNX file.</summary>
    [Id(1)]
    public required Artifacts.ArtifactId Onnx { get; init; }

    /// <summary>Weights to go on training from, safetensors.</summary>
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

    /// <summary>Conditions, all of which move the alias; none: it stays.</summary>
    [Id(6)]
    public IReadOnlyList<string> PromotionRules { get; init; } = [];

    /// <summary>The alias that the rules move.</summary>
    [Id(7)]
    public string PromotionAlias { get; init; } = "champion";

    /// <summary>Who asked.</summary>
    [Id(8)]
    public string RegisteredBy { get; init; } = "";

    /// <summary>For a pipeline: its document, of which <see cref="Onnx"/> names the bytes. A model's versions are all pipelines or none is.</summary>
    [Id(9)]
    public string? Pipeline { get; init; }

    /// <summary>When given: registered only if this is the newest version now; 0: there is none.</summary>
    [Id(10)]
    public int? ExpectedLatest { get; init; }

    /// <summary>Inputs with the outputs that the trained model itself gave for them: what a silo compares before it serves the version. Imported versions have none.</summary>
    [Id(11)]
    public Artifacts.ArtifactId? Golden { get; init; }
}
