using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>Makes tensors of arrays and reads arrays from tensors. Elements are row-major; those that are made are checked against the shape.</summary>
public static class TensorData
{
    /// <summary>A tensor of 32-bit floating-point numbers.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static InferenceTensor Float32(
        string name,
        ReadOnlySpan<float> values,
        params IReadOnlyList<long> shape
    ) => Of(name, "FP32", values, shape);

    /// <summary>A tensor of 64-bit floating-point numbers.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static InferenceTensor Float64(
        string name,
        ReadOnlySpan<double> values,
        params IReadOnlyList<long> shape
    ) => Of(name, "FP64", values, shape);

    /// <summary>A tensor of 64-bit whole numbers.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static InferenceTensor Int64(
        string name,
        ReadOnlySpan<long> values,
        params IReadOnlyList<long> shape
    ) => Of(name, "INT64", values, shape);

    /// <summary>A tensor of bytes, for example pixels. The memory is not copied: it must not change until the call is done.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static InferenceTensor UInt8(
        string name,
        ReadOnlyMemory<byte> values,
        params IReadOnlyList<long> shape
    )
    {
        CheckCount(name, values.Length, shape);
        return Make(name, "UINT8", values, shape);
    }

    /// <summary>A tensor of truth values.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static InferenceTensor Boolean(
        string name,
        ReadOnlySpan<bool> values,
        params IReadOnlyList<long> shape
    ) => Of(name, "BOOL", values, shape);

    /// <summary>A tensor of texts.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static InferenceTensor Text(
        string name,
        IReadOnlyList<string> values,
        params IReadOnlyList<long> shape
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckCount(name, values.Count, shape);
        var data = new byte[values.Sum(v => sizeof(uint) + Encoding.UTF8.GetByteCount(v))];
        var at = 0;
        foreach (var value in values)
        {
            var length = Encoding.UTF8.GetBytes(value, data.AsSpan(at + sizeof(uint)));
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(at), (uint)length);
            at += sizeof(uint) + length;
        }
        return Make(name, "BYTES", data, shape);
    }

    /// <summary>The elements of an FP32 tensor.</summary>
    /// <exception cref="InvalidOperationException">It has another type.</exception>
    public static float[] AsFloat32(this InferenceTensor tensor) => As<float>(tensor, "FP32");

    /// <summary>The elements of an FP64 tensor.</summary>
    /// <exception cref="InvalidOperationException">It has another type.</exception>
    public static double[] AsFloat64(this InferenceTensor tensor) => As<double>(tensor, "FP64");

    /// <summary>The elements of an INT64 tensor.</summary>
    /// <exception cref="InvalidOperationException">It has another type.</exception>
    public static long[] AsInt64(this InferenceTensor tensor) => As<long>(tensor, "INT64");

    /// <summary>The elements of a BOOL tensor.</summary>
    /// <exception cref="InvalidOperationException">It has another type.</exception>
    public static bool[] AsBoolean(this InferenceTensor tensor) => As<bool>(tensor, "BOOL");

    /// <summary>The elements of a BYTES tensor, as UTF-8.</summary>
    /// <exception cref="InvalidOperationException">It has another type.</exception>
    public static IReadOnlyList<string> AsText(this InferenceTensor tensor)
    {
        CheckType(tensor, "BYTES");
        var texts = new List<string>();
        var data = tensor.Data.Span;
        while (!data.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
            texts.Add(Encoding.UTF8.GetString(data.Slice(sizeof(uint), length)));
            data = data[(sizeof(uint) + length)..];
        }
        return texts;
    }

    /// <summary>The product of the dimensions.</summary>
    internal static long Elements(IEnumerable<long> shape) =>
        shape.Aggregate(1L, (product, dimension) => checked(product * dimension));

    internal static InferenceTensor Make(
        string name,
        string datatype,
        ReadOnlyMemory<byte> data,
        IReadOnlyList<long> shape
    ) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
            Data = data,
        };

    private static InferenceTensor Of<T>(
        string name,
        string datatype,
        ReadOnlySpan<T> values,
        IReadOnlyList<long> shape
    )
        where T : unmanaged
    {
        CheckCount(name, values.Length, shape);
        return Make(name, datatype, MemoryMarshal.AsBytes(values).ToArray(), shape);
    }

    private static T[] As<T>(InferenceTensor tensor, string datatype)
        where T : unmanaged
    {
        CheckType(tensor, datatype);
        return MemoryMarshal.Cast<byte, T>(tensor.Data.Span).ToArray();
    }

    private static void CheckType(InferenceTensor tensor, string datatype)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Datatype != datatype)
            throw new InvalidOperationException(
                $"tensor '{tensor.Name}' has type {tensor.Datatype}, not {datatype}."
            );
    }

    private static void CheckCount(string name, long count, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Any(d => d < 0) || Elements(shape) != count)
            throw new ArgumentException(
                $"tensor '{name}' of shape [{string.Join(',', shape)}] can't have {count} elements.",
                nameof(shape)
            );
    }
}
