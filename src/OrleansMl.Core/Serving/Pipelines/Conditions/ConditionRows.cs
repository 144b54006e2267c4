using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>The rows over which a condition is judged.</summary>
/// <param name="Count">How many.</param>
/// <param name="Value">A value by its slot, of just these rows.</param>
internal sealed record ConditionRows(int Count, Func<int, InferenceTensor> Value)
{
    /// <summary>All of a value's elements as numbers, rows one after the other.</summary>
    public static double[] Numbers(InferenceTensor tensor)
    {
        var data = tensor.Data.Span;
        return tensor.Datatype switch
        {
            "FP32" => Convert<float>(data),
            "FP64" => MemoryMarshal.Cast<byte, double>(data).ToArray(),
            "FP16" => Convert<Half>(data),
            "UINT8" => Convert<byte>(data),
            "UINT16" => Convert<ushort>(data),
            "UINT32" => Convert<uint>(data),
            "UINT64" => Convert<ulong>(data),
            "INT8" => Convert<sbyte>(data),
            "INT16" => Convert<short>(data),
            "INT32" => Convert<int>(data),
            "INT64" => Convert<long>(data),
            _ => throw new InvalidInputException(
                $"'{tensor.Name}' of datatype {tensor.Datatype} has no numbers."
            ),
        };
    }

    public static bool[] Booleans(InferenceTensor tensor) =>
        MemoryMarshal.Cast<byte, bool>(tensor.Data.Span).ToArray();

    public static string[] Texts(InferenceTensor tensor, int count)
    {
        var texts = new string[count];
        var data = tensor.Data.Span;
        for (var i = 0; i < count; i++)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
            texts[i] = Encoding.UTF8.GetString(data.Slice(sizeof(uint), length));
            data = data[(sizeof(uint) + length)..];
        }
        return texts;
    }

    private static double[] Convert<T>(ReadOnlySpan<byte> data)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(data);
        var numbers = new double[values.Length];
        TensorPrimitives.ConvertSaturating(values, numbers);
        return numbers;
    }
}
