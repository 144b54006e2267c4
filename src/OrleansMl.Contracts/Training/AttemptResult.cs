namespace OrleansMl.Contracts.Training;

/// <summary>The model that an attempt made, its files already in the artifact store.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AttemptResult")]
public sealed record AttemptResult
{
    /// <summary>The fencing token.</summary>
    [Id(0)]
    public required int Attempt { get; init; }

    /// <summary>The ONNX file, preprocessing inside.</summary>
    [Id(1)]
    public required Artifacts.ArtifactId Onnx { get; init; }

    /// <summary>The weights, safetensors.</summary>
    [Id(2)]
    public required Artifacts.ArtifactId Weights { get; init; }

    /// <summary>What it takes and gives.</summary>
    [Id(3)]
    public required Models.ModelSignature Signature { get; init; }

    /// <summary>Scores on every split that has rows.</summary>
    [Id(4)]
    public required IReadOnlyList<Evaluation> Evaluations { get; init; }

    /// <summary>Where it ended.</summary>
    [Id(5)]
    public required TrainingProgress Progress { get; init; }

    /// <summary>Seconds of training, all attempts that led here.</summary>
    [Id(6)]
    public double TrainingSeconds { get; init; }

    /// <summary>Inputs with the outputs that the trained model itself gave for them.</summary>
    [Id(7)]
    public Artifacts.ArtifactId? Golden { get; init; }
}
