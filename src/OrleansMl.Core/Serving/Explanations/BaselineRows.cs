using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>What takes a taken feature's place.</summary>
internal static class BaselineRows
{
    /// <summary>One row of an input, all baseline.</summary>
    /// <exception cref="InvalidInputException">The mean is asked for, and nothing is known of the training data's.</exception>
    public static ReadOnlyMemory<byte> Of(
        InferenceTensor row,
        ExplanationBaseline baseline,
        VersionProfile? profile
    )
    {
        var elements = (int)row.Shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        if (baseline == ExplanationBaseline.Zero)
            return row.Datatype == TensorDatatypes.Bytes
                ? new byte[sizeof(uint) * elements]
                : new byte[row.Data.Length];
        var feature = profile?.Features.FirstOrDefault(f => !f.IsOutput && f.Name == row.Name);
        if (feature is { IsCategory: true, Expected.Count: > 0 })
            return Category(row, feature.Categories[0], elements);
        if (feature?.Mean is { } mean)
            return Number(row, mean / feature.Scale, elements);
        throw new InvalidInputException(
            $"explain: the training data's mean of the input '{row.Name}' is not known; name the data set in the serving policy's watch.reference, or ask for the baseline 'zero'."
        );
    }

    private static byte[] Category(InferenceTensor row, string category, int elements)
    {
        if (row.Datatype != TensorDatatypes.Bytes)
            return Number(
                row,
                category == "true" ? 1
                    : category == "false" ? 0
                    : double.Parse(category),
                elements
            );
        var text = Encoding.UTF8.GetBytes(category);
        var data = new byte[(sizeof(uint) + text.Length) * elements];
        for (var i = 0; i < elements; i++)
        {
            var at = data.AsSpan(i * (sizeof(uint) + text.Length));
            BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)text.Length);
            text.CopyTo(at[sizeof(uint)..]);
        }
        return data;
    }

    private static byte[] Number(InferenceTensor row, double value, int elements)
    {
        var data = new byte[row.Data.Length];
        switch (row.Datatype)
        {
            case "FP32":
                MemoryMarshal.Cast<byte, float>(data.AsSpan()).Fill((float)value);
                break;
            case "FP64":
                MemoryMarshal.Cast<byte, double>(data.AsSpan()).Fill(value);
                break;
            case "FP16":
                MemoryMarshal.Cast<byte, Half>(data.AsSpan()).Fill((Half)value);
                break;
            case "BF16":
                MemoryMarshal
                    .Cast<byte, ushort>(data.AsSpan())
                    .Fill((ushort)(BitConverter.SingleToInt32Bits((float)value) >>> 16));
                break;
            default:
                // Whole numbers, BOOL among them: the nearest, little-endian.
                var size = data.Length / elements;
                var whole = (long)Math.Round(value);
                for (var i = 0; i < elements; i++)
                for (var b = 0; b < size; b++)
                    data[(i * size) + b] = (byte)(whole >> (8 * b));
                break;
        }
        return data;
    }
}
