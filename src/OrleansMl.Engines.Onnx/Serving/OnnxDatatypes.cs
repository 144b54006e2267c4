using System.Collections.Frozen;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>The Open Inference Protocol's names of ONNX element types.</summary>
internal static class OnnxDatatypes
{
    public const string Bytes = "BYTES";
    public const string Boolean = "BOOL";

    private static readonly FrozenDictionary<TensorElementType, string> Names = new Dictionary<
        TensorElementType,
        string
    >
    {
        [TensorElementType.Bool] = Boolean,
        [TensorElementType.UInt8] = "UINT8",
        [TensorElementType.UInt16] = "UINT16",
        [TensorElementType.UInt32] = "UINT32",
        [TensorElementType.UInt64] = "UINT64",
        [TensorElementType.Int8] = "INT8",
        [TensorElementType.Int16] = "INT16",
        [TensorElementType.Int32] = "INT32",
        [TensorElementType.Int64] = "INT64",
        [TensorElementType.Float16] = "FP16",
        [TensorElementType.BFloat16] = "BF16",
        [TensorElementType.Float] = "FP32",
        [TensorElementType.Double] = "FP64",
        [TensorElementType.String] = Bytes,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, TensorElementType> Types =
        Names.ToFrozenDictionary(n => n.Value, n => n.Key);

    /// <summary>All names, for messages.</summary>
    public static string All { get; } =
        string.Join(", ", Names.Values.Order(StringComparer.Ordinal));

    /// <summary>The name of an element type; null for one that the protocol doesn't know.</summary>
    public static string? NameOf(TensorElementType type) => Names.GetValueOrDefault(type);

    /// <summary>The element type behind a name; null for an unknown name.</summary>
    public static TensorElementType? TypeOf(string datatype) =>
        Types.TryGetValue(datatype, out var type) ? type : null;

    /// <summary>Bytes of an element; 0 for BYTES, whose elements differ.</summary>
    public static int SizeOf(TensorElementType type) =>
        type switch
        {
            TensorElementType.Bool or TensorElementType.UInt8 or TensorElementType.Int8 => 1,
            TensorElementType.UInt16
            or TensorElementType.Int16
            or TensorElementType.Float16
            or TensorElementType.BFloat16 => 2,
            TensorElementType.UInt32 or TensorElementType.Int32 or TensorElementType.Float => 4,
            TensorElementType.UInt64 or TensorElementType.Int64 or TensorElementType.Double => 8,
            _ => 0,
        };
}
