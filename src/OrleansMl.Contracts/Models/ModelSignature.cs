namespace OrleansMl.Contracts.Models;

/// <summary>What a model takes and gives.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelSignature")]
public sealed record ModelSignature
{
    /// <summary>Inputs, raw features.</summary>
    [Id(0)]
    public required IReadOnlyList<TensorSignature> Inputs { get; init; }

    /// <summary>Outputs.</summary>
    [Id(1)]
    public required IReadOnlyList<TensorSignature> Outputs { get; init; }

    /// <summary>Labels by class index, for a model that classifies.</summary>
    [Id(2)]
    public IReadOnlyList<string> ClassLabels { get; init; } = [];

    /// <summary><c>classification</c>, <c>binary</c>, <c>regression</c> or <c>unknown</c>.</summary>
    [Id(3)]
    public string Task { get; init; } = "unknown";
}
