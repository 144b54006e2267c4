using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Reads single elements of tensors, whatever their type.</summary>
internal static class TensorElement
{
    /// <summary>The rows: the first dimension, or one.</summary>
    public static int Rows(InferenceTensor tensor) =>
        tensor.Shape.Count == 0 ? 1 : (int)tensor.Shape[0];

    /// <summary>All elements.</summary>
    public static int Elements(InferenceTensor tensor)
    {
        var product = 1L;
        foreach (var size in tensor.Shape)
            product *= size;
        return (int)product;
    }

    /// <summary>A number; NaN: missing. A truth value is 0 or 1. Not for BYTES.</summary>
    public static double Number(string datatype, ReadOnlySpan<byte> data, int index) =>
        datatype switch
        {
            "FP32" => MemoryMarshal.Cast<byte, float>(data)[index],
            "FP64" => MemoryMarshal.Cast<byte, double>(data)[index],
            "FP16" => (double)MemoryMarshal.Cast<byte, Half>(data)[index],
            "BF16" => BitConverter.Int32BitsToSingle(
                MemoryMarshal.Cast<byte, ushort>(data)[index] << 16
            ),
            "UINT8" or "BOOL" => data[index],
            "INT8" => (sbyte)data[index],
            "UINT16" => MemoryMarshal.Cast<byte, ushort>(data)[index],
            "INT16" => MemoryMarshal.Cast<byte, short>(data)[index],
            "UINT32" => MemoryMarshal.Cast<byte, uint>(data)[index],
            "INT32" => MemoryMarshal.Cast<byte, int>(data)[index],
            "UINT64" => MemoryMarshal.Cast<byte, ulong>(data)[index],
            // The least value is how a missing one is told (TensorSignature.AllowsMissing).
            "INT64" => MemoryMarshal.Cast<byte, long>(data)[index] is var value
            && value == long.MinValue
                ? double.NaN
                : value,
            _ => double.NaN,
        };

    /// <summary>A whole number of an integer datatype, exactly; null: missing.</summary>
    public static long? Integer(string datatype, ReadOnlySpan<byte> data, int index) =>
        datatype switch
        {
            "INT64" => MemoryMarshal.Cast<byte, long>(data)[index] is var value
            && value == long.MinValue
                ? null
                : value,
            // Data sets hold signed numbers: the upper half of UINT64 is told as the largest.
            "UINT64" => (long)
                Math.Min(MemoryMarshal.Cast<byte, ulong>(data)[index], (ulong)long.MaxValue),
            _ => (long)Number(datatype, data, index),
        };

    /// <summary>An element as a category's text, as data sets write it; null: missing. BYTES is read at an offset, which goes on to the next element.</summary>
    public static string? Category(
        string datatype,
        ReadOnlySpan<byte> data,
        int index,
        ref int offset
    )
    {
        if (datatype == TensorDatatypes.Bytes)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);
            var text = data.Slice(offset + sizeof(uint), length);
            offset += sizeof(uint) + length;
            return length == 0 ? null : Encoding.UTF8.GetString(text);
        }
        if (datatype == "BOOL")
            return data[index] == 0 ? "false" : "true";
        if (datatype.Contains("INT", StringComparison.Ordinal))
            return Integer(datatype, data, index)?.ToString();
        var number = Number(datatype, data, index);
        return double.IsNaN(number) ? null : $"{number:R}";
    }
}
