using System.Buffers.Binary;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Sequences;

/// <summary>What a sequence's state is before its first call.</summary>
public static class InitialState
{
    /// <summary>The tensors, by the names of the inputs that take them.</summary>
    /// <exception cref="InvalidInputException">The values are not as many as the shape has, or none of the datatype's.</exception>
    public static IReadOnlyList<InferenceTensor> Of(SequencePolicy policy, ModelSignature signature)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(signature);
        return
        [
            .. policy.States.Select(state =>
                Of(state, signature.Inputs.First(tensor => tensor.Name == state.Input))
            ),
        ];
    }

    /// <summary>Bytes of a piece of state before the first call; <see cref="long.MaxValue"/> when they can't be counted.</summary>
    internal static long BytesOf(SequenceStateSpec state, TensorSignature input)
    {
        var bytes = ElementBytes(input.Datatype);
        foreach (var dimension in ShapeOf(state, input))
        {
            if (bytes > int.MaxValue / Math.Max(1, dimension))
                return int.MaxValue;
            bytes *= dimension;
        }
        return bytes;
    }

    private static InferenceTensor Of(SequenceStateSpec state, TensorSignature input)
    {
        var shape = ShapeOf(state, input);
        var data = new byte[BytesOf(state, input)];
        if (state.Initial is { } values)
            Fill(state.Input, input.Datatype, values, data);
        return new InferenceTensor
        {
            Name = input.Name,
            Datatype = input.Datatype,
            Shape = shape,
            Data = data,
        };
    }

    private static long[] ShapeOf(SequenceStateSpec state, TensorSignature input) =>
        [.. state.Shape ?? input.Shape.Select(dimension => dimension < 0 ? 1 : dimension)];

    // An empty text is its length alone.
    private static long ElementBytes(string datatype) =>
        TensorDatatypes.SizeOf(datatype) is > 0 and var size ? size : sizeof(uint);

    private static void Fill(
        string input,
        string datatype,
        IReadOnlyList<double> values,
        Span<byte> data
    )
    {
        var size = (int)ElementBytes(datatype);
        var elements = data.Length / size;
        if (values.Count != 1 && values.Count != elements)
            throw new InvalidInputException(
                $"sequences.states: expected 1 or {elements} values for input '{input}' at the beginning, got {values.Count}."
            );
        for (var i = 0; i < elements; i++)
        {
            var value = values[values.Count == 1 ? 0 : i];
            if (!TryWrite(datatype, value, data[(i * size)..]))
                throw new InvalidInputException(
                    $"sequences.states: input '{input}' takes {datatype}, which {value} at the beginning is not."
                );
        }
    }

    private static bool TryWrite(string datatype, double value, Span<byte> to)
    {
        switch (datatype)
        {
            case "FP64":
                BinaryPrimitives.WriteDoubleLittleEndian(to, value);
                return true;
            case "FP32":
                BinaryPrimitives.WriteSingleLittleEndian(to, (float)value);
                return float.IsFinite((float)value);
            case "FP16":
                BinaryPrimitives.WriteHalfLittleEndian(to, (Half)value);
                return Half.IsFinite((Half)value);
            case "BF16":
                // The upper half of a float, to the nearest, ties to even; no finite value becomes one that isn't but the largest.
                var bits = BitConverter.SingleToUInt32Bits((float)value);
                bits += 0x7FFF + ((bits >> 16) & 1);
                BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)(bits >> 16));
                return ((bits >> 16) & 0x7F80) != 0x7F80;
            case "BOOL":
                to[0] = value == 0 ? (byte)0 : (byte)1;
                return value is 0 or 1;
            default:
                return TryWriteInteger(datatype, value, to);
        }
    }

    private static bool TryWriteInteger(string datatype, double value, Span<byte> to)
    {
        if (value != Math.Truncate(value))
            return false;
        var number = (Int128)value;
        switch (datatype)
        {
            case "INT8":
                to[0] = (byte)(sbyte)number;
                return number >= sbyte.MinValue && number <= sbyte.MaxValue;
            case "UINT8":
                to[0] = (byte)number;
                return number >= byte.MinValue && number <= byte.MaxValue;
            case "INT16":
                BinaryPrimitives.WriteInt16LittleEndian(to, (short)number);
                return number >= short.MinValue && number <= short.MaxValue;
            case "UINT16":
                BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)number);
                return number >= ushort.MinValue && number <= ushort.MaxValue;
            case "INT32":
                BinaryPrimitives.WriteInt32LittleEndian(to, (int)number);
                return number >= int.MinValue && number <= int.MaxValue;
            case "UINT32":
                BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)number);
                return number >= uint.MinValue && number <= uint.MaxValue;
            case "INT64":
                BinaryPrimitives.WriteInt64LittleEndian(to, (long)number);
                return number >= long.MinValue && number <= long.MaxValue;
            case "UINT64":
                BinaryPrimitives.WriteUInt64LittleEndian(to, (ulong)number);
                return number >= ulong.MinValue && number <= ulong.MaxValue;
            default:
                return false;
        }
    }
}
