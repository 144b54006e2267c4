namespace OrleansMl.Contracts.Models;

/// <summary>A named input or output of a model.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TensorSignature")]
public sealed record TensorSignature
{
    /// <summary>Its name in the ONNX graph.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Open Inference Protocol name: BOOL, UINT8–64, INT8–64, FP16, FP32, FP64, BYTES.</summary>
    [Id(1)]
    public required string Datatype { get; init; }

    /// <summary>Dimensions; −1 is variable.</summary>
    [Id(2)]
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>
    /// Whether a caller may leave values of this input out: null in JSON; in tensors NaN (FP32, FP64), <see cref="long.MinValue"/> (INT64) or an
    /// empty text (BYTES). No other datatype, and no output, allows it.
    /// </summary>
    [Id(3)]
    public bool AllowsMissing { get; init; }
}
