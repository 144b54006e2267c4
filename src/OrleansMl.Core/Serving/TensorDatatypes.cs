namespace OrleansMl.Core.Serving;

/// <summary>The Open Inference Protocol's names of element types.</summary>
public static class TensorDatatypes
{
    /// <summary>Text or bytes, each element a uint32 length and its bytes.</summary>
    public const string Bytes = "BYTES";

    /// <summary>Bytes an element takes: 1, 2, 4 or 8; 0 for <see cref="Bytes"/>; null for an unknown name.</summary>
    public static int? SizeOf(string datatype) =>
        datatype switch
        {
            "BOOL" or "UINT8" or "INT8" => 1,
            "UINT16" or "INT16" or "FP16" or "BF16" => 2,
            "UINT32" or "INT32" or "FP32" => 4,
            "UINT64" or "INT64" or "FP64" => 8,
            Bytes => 0,
            _ => null,
        };
}
