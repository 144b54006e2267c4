using System.Runtime.InteropServices;

namespace OrleansMl.Core.Training.Safetensors;

/// <summary>A named array of a safetensors file.</summary>
/// <param name="Name">Unique in its file.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">Dimensions; none for a scalar.</param>
/// <param name="Data">Little-endian, row-major; as long as type and shape say.</param>
public sealed record SafetensorsTensor(
    string Name,
    SafetensorsType Type,
    IReadOnlyList<long> Shape,
    ReadOnlyMemory<byte> Data
)
{
    /// <summary>An array of 32-bit floats; the values are copied.</summary>
    public static SafetensorsTensor Of(
        string name,
        IReadOnlyList<long> shape,
        ReadOnlySpan<float> values
    ) => new(name, SafetensorsType.F32, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Its values.</summary>
    /// <exception cref="InvalidDataException">It doesn't hold 32-bit floats.</exception>
    public ReadOnlySpan<float> AsSingles() =>
        Type is SafetensorsType.F32
            ? MemoryMarshal.Cast<byte, float>(Data.Span)
            : throw new InvalidDataException($"'{Name}' holds {Type}, expected F32.");

    /// <summary>Bytes of one element.</summary>
    internal static int SizeOf(SafetensorsType type) =>
        type switch
        {
            SafetensorsType.F64 or SafetensorsType.I64 => 8,
            SafetensorsType.F32 or SafetensorsType.I32 => 4,
            SafetensorsType.U8 => 1,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown type"),
        };
}
