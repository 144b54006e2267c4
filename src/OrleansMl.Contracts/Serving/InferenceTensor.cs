namespace OrleansMl.Contracts.Serving;

/// <summary>A tensor on its way to or from a model: little-endian bytes, row-major. A BYTES element is a uint32 length and its bytes.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceTensor")]
public sealed record InferenceTensor
{
    /// <summary>Its name in the signature.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Open Inference Protocol name.</summary>
    [Id(1)]
    public required string Datatype { get; init; }

    /// <summary>Dimensions, all known.</summary>
    [Id(2)]
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>The elements; the product of the shape times the element's size.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Data { get; init; }
}
