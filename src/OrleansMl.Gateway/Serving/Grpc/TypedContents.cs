using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Turns a tensor's typed elements into bytes and back. Each datatype has its one field.</summary>
internal static class TypedContents
{
    /// <summary>The elements as bytes in rented memory.</summary>
    /// <exception cref="InvalidInputException">They are in another field, not as many as the shape says, or out of the type's range.</exception>
    public static ReadOnlyMemory<byte> Read(
        string name,
        string datatype,
        IReadOnlyList<long> shape,
        InferTensorContents contents,
        TensorMemory memory
    )
    {
        var field =
            FieldOf(datatype)
            ?? throw new InvalidInputException(
                datatype is "FP16" or "BF16"
                    ? $"input '{name}': {datatype} has no typed contents; send raw_input_contents."
                    : $"input '{name}': expected a datatype of {TensorElements.AllNames}, or BF16 raw, got '{datatype}'."
            );
        foreach (var (other, count) in Counts(contents))
        {
            if (other != field && count > 0)
                throw new InvalidInputException(
                    $"input '{name}': expected the elements of {datatype} in {field}, got {count} in {other}."
                );
        }
        var given = Counts(contents).First(counted => counted.Field == field).Count;
        var expected = Elements(name, shape);
        if (given != expected)
            throw new InvalidInputException(
                $"input '{name}': expected {expected} elements for shape [{string.Join(", ", shape)}], got {given}."
            );
        return datatype switch
        {
            "BOOL" => Copy(contents.BoolContents, memory),
            "INT32" => Copy(contents.IntContents, memory),
            "INT64" => Copy(contents.Int64Contents, memory),
            "UINT32" => Copy(contents.UintContents, memory),
            "UINT64" => Copy(contents.Uint64Contents, memory),
            "FP32" => Copy(contents.Fp32Contents, memory),
            "FP64" => Copy(contents.Fp64Contents, memory),
            "INT8" => Narrow<int, sbyte>(name, datatype, contents.IntContents, memory),
            "INT16" => Narrow<int, short>(name, datatype, contents.IntContents, memory),
            "UINT8" => Narrow<uint, byte>(name, datatype, contents.UintContents, memory),
            "UINT16" => Narrow<uint, ushort>(name, datatype, contents.UintContents, memory),
            _ => Pack(name, contents.BytesContents, memory),
        };
    }

    /// <summary>A tensor's elements in their field.</summary>
    /// <exception cref="InvalidInputException">The datatype has none.</exception>
    public static InferTensorContents Write(InferenceTensor tensor)
    {
        var contents = new InferTensorContents();
        var data = tensor.Data.Span;
        switch (tensor.Datatype)
        {
            case "BOOL":
                foreach (var element in data)
                    contents.BoolContents.Add(element != 0);
                break;
            case "INT8":
                foreach (var element in MemoryMarshal.Cast<byte, sbyte>(data))
                    contents.IntContents.Add(element);
                break;
            case "INT16":
                foreach (var element in MemoryMarshal.Cast<byte, short>(data))
                    contents.IntContents.Add(element);
                break;
            case "INT32":
                Fill(contents.IntContents, data);
                break;
            case "INT64":
                Fill(contents.Int64Contents, data);
                break;
            case "UINT8":
                foreach (var element in data)
                    contents.UintContents.Add(element);
                break;
            case "UINT16":
                foreach (var element in MemoryMarshal.Cast<byte, ushort>(data))
                    contents.UintContents.Add(element);
                break;
            case "UINT32":
                Fill(contents.UintContents, data);
                break;
            case "UINT64":
                Fill(contents.Uint64Contents, data);
                break;
            case "FP32":
                Fill(contents.Fp32Contents, data);
                break;
            case "FP64":
                Fill(contents.Fp64Contents, data);
                break;
            case "BYTES":
                while (data.Length > 0)
                {
                    var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
                    contents.BytesContents.Add(
                        ByteString.CopyFrom(data.Slice(sizeof(uint), length))
                    );
                    data = data[(sizeof(uint) + length)..];
                }
                break;
            default:
                throw new InvalidInputException(
                    $"output '{tensor.Name}': {tensor.Datatype} has no typed contents; ask without binary_data_output=false."
                );
        }
        return contents;
    }

    private static string? FieldOf(string datatype) =>
        datatype switch
        {
            "BOOL" => "bool_contents",
            "INT8" or "INT16" or "INT32" => "int_contents",
            "INT64" => "int64_contents",
            "UINT8" or "UINT16" or "UINT32" => "uint_contents",
            "UINT64" => "uint64_contents",
            "FP32" => "fp32_contents",
            "FP64" => "fp64_contents",
            "BYTES" => "bytes_contents",
            _ => null,
        };

    private static long Elements(string name, IReadOnlyList<long> shape)
    {
        var elements = 1L;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (dimension > 0 && elements > int.MaxValue / dimension))
                throw new InvalidInputException(
                    $"input '{name}': expected dimensions from 0 with at most {int.MaxValue} elements, got shape [{string.Join(", ", shape)}]."
                );
            elements *= dimension;
        }
        return elements;
    }

    private static (string Field, int Count)[] Counts(InferTensorContents contents) =>
        [
            ("bool_contents", contents.BoolContents.Count),
            ("int_contents", contents.IntContents.Count),
            ("int64_contents", contents.Int64Contents.Count),
            ("uint_contents", contents.UintContents.Count),
            ("uint64_contents", contents.Uint64Contents.Count),
            ("fp32_contents", contents.Fp32Contents.Count),
            ("fp64_contents", contents.Fp64Contents.Count),
            ("bytes_contents", contents.BytesContents.Count),
        ];

    // The message is not changed while its elements are read.
    private static Memory<byte> Copy<T>(RepeatedField<T> elements, TensorMemory memory)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(UnsafeCollectionOperations.AsSpan(elements));
        var copy = Rent(bytes.Length, memory);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    private static Memory<byte> Narrow<TWide, TNarrow>(
        string name,
        string datatype,
        RepeatedField<TWide> elements,
        TensorMemory memory
    )
        where TWide : unmanaged, INumber<TWide>
        where TNarrow : unmanaged, INumber<TNarrow>
    {
        var copy = Rent(elements.Count * Unsafe.SizeOf<TNarrow>(), memory);
        var target = MemoryMarshal.Cast<byte, TNarrow>(copy.Span);
        for (var i = 0; i < elements.Count; i++)
        {
            var narrow = TNarrow.CreateTruncating(elements[i]);
            if (TWide.CreateTruncating(narrow) != elements[i])
                throw new InvalidInputException(
                    $"input '{name}': element {i} is {elements[i]}, which {datatype} can't hold."
                );
            target[i] = narrow;
        }
        return copy;
    }

    private static Memory<byte> Pack(
        string name,
        RepeatedField<ByteString> elements,
        TensorMemory memory
    )
    {
        var size = 0L;
        foreach (var element in elements)
            size += sizeof(uint) + element.Length;
        if (size > Array.MaxLength)
            throw new InvalidInputException(
                $"input '{name}': its elements take {size} bytes, more than one array holds."
            );
        var copy = Rent((int)size, memory);
        var rest = copy.Span;
        foreach (var element in elements)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)element.Length);
            element.Span.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + element.Length)..];
        }
        return copy;
    }

    private static void Fill<T>(RepeatedField<T> target, ReadOnlySpan<byte> data)
        where T : unmanaged
    {
        var elements = MemoryMarshal.Cast<byte, T>(data);
        UnsafeCollectionOperations.SetCount(target, elements.Length);
        elements.CopyTo(UnsafeCollectionOperations.AsSpan(target));
    }

    private static Memory<byte> Rent(int bytes, TensorMemory memory) =>
        bytes == 0 ? Memory<byte>.Empty : memory.Rent(bytes).AsMemory(0, bytes);
}
