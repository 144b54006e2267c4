using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>A piece of a sequence's state.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SequenceTensor")]
internal sealed record SequenceTensor
{
    /// <summary>The output that gives it.</summary>
    [Id(0)]
    public required string Output { get; init; }

    /// <summary>Its value, by the name of the input that takes it.</summary>
    [Id(1)]
    public required InferenceTensor Tensor { get; init; }
}
