using OrleansMl.Contracts.Models;

namespace OrleansMl.Contracts.Serving;

/// <summary>What a model's version takes and gives.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelDescription")]
public sealed record ModelDescription
{
    /// <summary>The model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>The version.</summary>
    [Id(1)]
    public required int Version { get; init; }

    /// <summary>Its inputs.</summary>
    [Id(2)]
    public required IReadOnlyList<TensorSignature> Inputs { get; init; }

    /// <summary>Its outputs.</summary>
    [Id(3)]
    public required IReadOnlyList<TensorSignature> Outputs { get; init; }
}
