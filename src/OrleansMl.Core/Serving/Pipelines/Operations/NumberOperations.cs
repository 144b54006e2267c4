using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Pipelines.Conditions;

namespace OrleansMl.Core.Serving.Pipelines.Operations;

/// <summary>The steps that work on one value's numbers.</summary>
internal static class NumberOperations
{
    /// <summary>Along the last dimension; FP32 and FP64.</summary>
    public static RowOperation Softmax(PipelineValueType type) =>
        RowOperation.One(
            type,
            (inputs, _) =>
                (
                    Inner(inputs[0]),
                    type.Datatype == "FP64" ? Softmax<double>(inputs[0]) : Softmax<float>(inputs[0])
                )
        );

    /// <summary>The column of a row's largest number, the first of equals; as INT64, or as its label.</summary>
    public static RowOperation Argmax(IReadOnlyList<string> labels) =>
        RowOperation.One(
            new PipelineValueType(labels.Count > 0 ? TensorDatatypes.Bytes : "INT64", []),
            (inputs, rows) =>
            {
                var numbers = ConditionRows.Numbers(inputs[0]);
                var width = rows == 0 ? 0 : numbers.Length / rows;
                var indices = new long[rows];
                for (var row = 0; row < rows; row++)
                    indices[row] = TensorPrimitives.IndexOfMax(numbers.AsSpan(row * width, width));
                if (labels.Count == 0)
                    return ([], MemoryMarshal.AsBytes(indices.AsSpan()).ToArray());
                if (width != labels.Count && rows > 0)
                    throw new InvalidInputException(
                        $"argmax: {labels.Count} labels for {width} columns."
                    );
                return ([], Texts(indices.Select(i => labels[(int)i])));
            }
        );

    public static RowOperation Threshold(PipelineValueType type, double at) =>
        RowOperation.One(
            type with
            {
                Datatype = "BOOL",
            },
            (inputs, _) =>
                (
                    Inner(inputs[0]),
                    [.. ConditionRows.Numbers(inputs[0]).Select(n => n >= at ? (byte)1 : (byte)0)]
                )
        );

    /// <summary>Any number to FP32: multiplied, then added to, in FP32.</summary>
    public static RowOperation Scale(PipelineValueType type, double multiply, double add) =>
        RowOperation.One(
            type with
            {
                Datatype = "FP32",
            },
            (inputs, _) =>
            {
                var numbers = ConditionRows.Numbers(inputs[0]);
                var scaled = new float[numbers.Length];
                TensorPrimitives.ConvertSaturating<double, float>(numbers, scaled);
                TensorPrimitives.Multiply(scaled, (float)multiply, scaled);
                TensorPrimitives.Add(scaled, (float)add, scaled);
                return (Inner(inputs[0]), MemoryMarshal.AsBytes(scaled.AsSpan()).ToArray());
            }
        );

    public static RowOperation Select(PipelineValueType type, IReadOnlyList<int> columns) =>
        RowOperation.One(
            new PipelineValueType(type.Datatype, [columns.Count]),
            (inputs, rows) =>
            {
                var size = TensorDatatypes.SizeOf(type.Datatype)!.Value;
                var data = inputs[0].Data.Span;
                var width = rows == 0 ? 0 : data.Length / rows / size;
                var selected = new byte[rows * columns.Count * size];
                for (var row = 0; row < rows; row++)
                {
                    for (var i = 0; i < columns.Count; i++)
                    {
                        if (columns[i] >= width)
                            throw new InvalidInputException(
                                $"select: there is no column {columns[i]}; '{inputs[0].Name}' has {width}."
                            );
                        data.Slice(((row * width) + columns[i]) * size, size)
                            .CopyTo(selected.AsSpan(((row * columns.Count) + i) * size));
                    }
                }
                return ([columns.Count], selected);
            }
        );

    public static RowOperation Constant(string datatype, IReadOnlyList<double> values)
    {
        byte[] one = datatype switch
        {
            "FP32" => Bytes(values.Select(v => (float)v)),
            "FP64" => Bytes(values),
            "INT32" => Bytes(values.Select(v => (int)v)),
            _ => Bytes(values.Select(v => (long)v)),
        };
        return RowOperation.One(
            new PipelineValueType(datatype, [values.Count]),
            (_, rows) =>
            {
                var all = new byte[rows * one.Length];
                for (var row = 0; row < rows; row++)
                    one.CopyTo(all, row * one.Length);
                return ([values.Count], all);
            }
        );
    }

    public static byte[] Bytes<T>(IEnumerable<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values.ToArray()).ToArray();

    private static byte[] Texts(IEnumerable<string> texts)
    {
        List<byte> data = [];
        Span<byte> length = stackalloc byte[sizeof(uint)];
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)utf8.Length);
            data.AddRange(length);
            data.AddRange(utf8);
        }
        return [.. data];
    }

    private static byte[] Softmax<T>(InferenceTensor input)
        where T : unmanaged, IExponentialFunctions<T>, INumber<T>
    {
        var source = MemoryMarshal.Cast<byte, T>(input.Data.Span);
        var data = new byte[input.Data.Length];
        var target = MemoryMarshal.Cast<byte, T>(data.AsSpan());
        var width = (int)input.Shape[^1];
        for (var at = 0; at < source.Length; at += width)
        {
            var from = source.Slice(at, width);
            var to = target.Slice(at, width);
            // The largest is taken away first, so that no exponential overflows.
            TensorPrimitives.Subtract(from, TensorPrimitives.Max(from), to);
            TensorPrimitives.Exp(to, to);
            TensorPrimitives.Divide(to, TensorPrimitives.Sum<T>(to), to);
        }
        return data;
    }

    private static IReadOnlyList<long> Inner(InferenceTensor tensor) => [.. tensor.Shape.Skip(1)];
}
