using System.Buffers;
using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>Tensors between the wire's bytes and ONNX Runtime's values.</summary>
internal static class OnnxTensors
{
    private const int LengthBytes = sizeof(uint);

    /// <summary>
    /// A value over the tensor's own memory, which stays pinned by <paramref name="pin"/> and must not be written until
    /// the value is disposed; texts are copied. The length is checked here, because native code reads by the shape.
    /// </summary>
    public static OrtValue ToValue(InferenceTensor tensor, out MemoryHandle pin)
    {
        var type =
            OnnxDatatypes.TypeOf(tensor.Datatype)
            ?? throw new InvalidInputException(
                $"input '{tensor.Name}': unknown datatype '{tensor.Datatype}', expected one of {OnnxDatatypes.All}."
            );
        var elements = CountElements(tensor);
        pin = default;
        if (type is TensorElementType.String)
            return ToTexts(tensor, elements);

        var expected = checked(elements * OnnxDatatypes.SizeOf(type));
        if (tensor.Data.Length != expected)
        {
            throw new InvalidInputException(
                $"input '{tensor.Name}': expected {expected} bytes for {tensor.Datatype} of [{string.Join(", ", tensor.Shape)}], got {tensor.Data.Length}."
            );
        }
        if (
            type is TensorElementType.Bool
            && tensor.Data.Span.ContainsAnyExceptInRange((byte)0, (byte)1)
        )
        {
            throw new InvalidInputException($"input '{tensor.Name}': a BOOL byte must be 0 or 1.");
        }
        pin = tensor.Data.Pin();
        return OverMemory(type, tensor, pin);
    }

    private static unsafe OrtValue OverMemory(
        TensorElementType type,
        InferenceTensor tensor,
        MemoryHandle pin
    )
    {
        try
        {
            return OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance,
                type,
                [.. tensor.Shape],
                (nint)pin.Pointer,
                tensor.Data.Length
            );
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>A copy of a value's elements as the wire has them, in rented memory where there is some.</summary>
    public static InferenceTensor ToTensor(
        string name,
        OrtValue value,
        long maxBytes,
        TensorMemory? memory
    )
    {
        var info = value.GetTensorTypeAndShape();
        var datatype =
            OnnxDatatypes.NameOf(info.ElementDataType)
            ?? throw new InvalidInputException(
                $"output '{name}' has elements of type {info.ElementDataType}, expected one of {OnnxDatatypes.All}."
            );
        var data = info.IsString
            ? FromTexts(name, value, info.ElementCount, maxBytes, memory)
            : Copy(name, value, info, maxBytes, memory);
        return new InferenceTensor
        {
            Name = name,
            Datatype = datatype,
            Shape = info.Shape,
            Data = data,
        };
    }

    private static ReadOnlyMemory<byte> Copy(
        string name,
        OrtValue value,
        OrtTensorTypeAndShapeInfo info,
        long maxBytes,
        TensorMemory? memory
    )
    {
        var size = checked(info.ElementCount * OnnxDatatypes.SizeOf(info.ElementDataType));
        CheckSize(name, size, maxBytes);
        // A tensor without elements may have no memory to look at.
        if (size == 0)
            return default;
        var data = Rent((int)size, memory);
        value.GetTensorMutableRawData().CopyTo(data.Span);
        return data;
    }

    private static Memory<byte> Rent(int bytes, TensorMemory? memory) =>
        memory is null
            ? GC.AllocateUninitializedArray<byte>(bytes)
            : memory.Rent(bytes).AsMemory(0, bytes);

    private static void CheckSize(string name, long size, long maxBytes)
    {
        if (size > maxBytes)
        {
            throw new InvalidInputException(
                $"output '{name}' has {size:N0} bytes, at most {maxBytes:N0} are allowed; ask for fewer rows at once."
            );
        }
    }

    private static long CountElements(InferenceTensor tensor)
    {
        var elements = 1L;
        foreach (var dimension in tensor.Shape)
        {
            if (dimension < 1 || elements > int.MaxValue / dimension)
            {
                throw new InvalidInputException(
                    $"input '{tensor.Name}': expected dimensions of 1 or more and at most {int.MaxValue:N0} elements, got the shape [{string.Join(", ", tensor.Shape)}]."
                );
            }
            elements *= dimension;
        }
        return elements;
    }

    private static OrtValue ToTexts(InferenceTensor tensor, long elements)
    {
        var data = tensor.Data.Span;
        // Checked before anything is allocated: a shape alone could ask for two billion texts.
        if (data.Length < elements * LengthBytes)
            throw Malformed(tensor, elements);
        var value = OrtValue.CreateTensorWithEmptyStrings(
            OrtAllocator.DefaultInstance,
            [.. tensor.Shape]
        );
        try
        {
            for (var i = 0; i < elements; i++)
            {
                if (data.Length < LengthBytes)
                    throw Malformed(tensor, elements);
                var length = BinaryPrimitives.ReadUInt32LittleEndian(data);
                data = data[LengthBytes..];
                if (length > data.Length)
                    throw Malformed(tensor, elements);
                if (length > 0)
                    value.StringTensorSetElementAt(data[..(int)length], i);
                data = data[(int)length..];
            }
            if (data.Length > 0)
                throw Malformed(tensor, elements);
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private static InvalidInputException Malformed(InferenceTensor tensor, long elements) =>
        new(
            $"input '{tensor.Name}': expected {elements} BYTES elements, each a uint32 length and so many bytes, and nothing after them."
        );

    private static ReadOnlyMemory<byte> FromTexts(
        string name,
        OrtValue value,
        long elements,
        long maxBytes,
        TensorMemory? memory
    )
    {
        var size = 0L;
        for (var i = 0; i < elements; i++)
        {
            size += LengthBytes + value.GetStringElementAsSpan(i).Length;
            CheckSize(name, size, maxBytes);
        }
        var data = Rent((int)size, memory);
        var rest = data.Span;
        for (var i = 0; i < elements; i++)
        {
            var text = value.GetStringElementAsSpan(i);
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)text.Length);
            text.CopyTo(rest[LengthBytes..]);
            rest = rest[(LengthBytes + text.Length)..];
        }
        return data;
    }
}
