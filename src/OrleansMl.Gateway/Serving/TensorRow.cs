using System.Buffers.Binary;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>One example's part of a batched tensor.</summary>
internal static class TensorRow
{
    public static InferenceTensor Of(InferenceTensor tensor, int row, int rows)
    {
        if (tensor.Shape.Count == 0)
            return tensor;
        if (TensorElements.SizeOf(tensor.Datatype) is > 0)
        {
            var bytes = tensor.Data.Length / rows;
            return tensor with { Data = tensor.Data.Slice(row * bytes, bytes) };
        }
        // Texts differ in length: the row begins after all those before it.
        long perRow = 1;
        for (var i = 1; i < tensor.Shape.Count; i++)
            perRow *= tensor.Shape[i];
        var start = Skip(tensor.Data.Span, 0, row * perRow);
        var end = Skip(tensor.Data.Span, start, perRow);
        return tensor with { Data = tensor.Data[start..end] };
    }

    private static int Skip(ReadOnlySpan<byte> data, int offset, long elements)
    {
        for (long i = 0; i < elements; i++)
            offset += sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);
        return offset;
    }
}
