using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>Writes requests of the Open Inference Protocol: as JSON, data flat, or with the tensors' bytes behind it.</summary>
internal static class InferenceRequestJson
{
    public static ReadOnlyMemory<byte> Write(InferenceRequest request)
    {
        // About four characters an element of pixels and 12 a number: one allocation for most requests.
        var size = request.Inputs.Sum(i =>
            i.Data.Length * (i.Datatype is "UINT8" or "INT8" ? 4L : 3L)
        );
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(size + 1024, 1 << 28));
        Write(request, buffer, isBinary: false);
        return buffer.WrittenMemory;
    }

    /// <summary>Writes a request with its tensors' bytes behind the JSON.</summary>
    /// <returns>The body, and how many of its bytes are the JSON.</returns>
    public static (ReadOnlyMemory<byte> Body, int JsonLength) WriteBinary(InferenceRequest request)
    {
        var size = request.Inputs.Sum(i => (long)i.Data.Length);
        var buffer = new ArrayBufferWriter<byte>(checked((int)(size + 1024)));
        Write(request, buffer, isBinary: true);
        var length = buffer.WrittenCount;
        foreach (var input in request.Inputs)
            buffer.Write(input.Data.Span);
        return (buffer.WrittenMemory, length);
    }

    private static void Write(
        InferenceRequest request,
        ArrayBufferWriter<byte> buffer,
        bool isBinary
    )
    {
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        if (request.Id is not null)
            writer.WriteString("id", request.Id);
        writer.WriteStartArray("inputs");
        foreach (var input in request.Inputs)
            WriteTensor(writer, input, isBinary);
        writer.WriteEndArray();
        if (isBinary)
        {
            writer.WriteStartObject("parameters");
            writer.WriteBoolean("binary_data_output", true);
            writer.WriteEndObject();
        }
        if (request.Outputs.Count > 0)
        {
            writer.WriteStartArray("outputs");
            foreach (var name in request.Outputs)
            {
                writer.WriteStartObject();
                writer.WriteString("name", name);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.Flush();
    }

    private static void WriteTensor(Utf8JsonWriter writer, InferenceTensor tensor, bool isBinary)
    {
        writer.WriteStartObject();
        writer.WriteString("name", tensor.Name);
        writer.WriteString("datatype", tensor.Datatype);
        writer.WriteStartArray("shape");
        foreach (var dimension in tensor.Shape)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
        if (isBinary)
        {
            writer.WriteStartObject("parameters");
            writer.WriteNumber("binary_data_size", tensor.Data.Length);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray("data");
            WriteData(writer, tensor);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, InferenceTensor tensor)
    {
        var data = tensor.Data.Span;
        switch (tensor.Datatype)
        {
            case "UINT8":
                foreach (var value in data)
                    writer.WriteNumberValue((uint)value);
                break;
            case "INT8":
                foreach (var value in MemoryMarshal.Cast<byte, sbyte>(data))
                    writer.WriteNumberValue(value);
                break;
            case "UINT16":
                foreach (var value in MemoryMarshal.Cast<byte, ushort>(data))
                    writer.WriteNumberValue((uint)value);
                break;
            case "INT16":
                foreach (var value in MemoryMarshal.Cast<byte, short>(data))
                    writer.WriteNumberValue(value);
                break;
            case "UINT32":
                foreach (var value in MemoryMarshal.Cast<byte, uint>(data))
                    writer.WriteNumberValue(value);
                break;
            case "INT32":
                foreach (var value in MemoryMarshal.Cast<byte, int>(data))
                    writer.WriteNumberValue(value);
                break;
            case "UINT64":
                foreach (var value in MemoryMarshal.Cast<byte, ulong>(data))
                    writer.WriteNumberValue(value);
                break;
            case "INT64":
                foreach (var value in MemoryMarshal.Cast<byte, long>(data))
                    writer.WriteNumberValue(value);
                break;
            case "FP16":
                foreach (var value in MemoryMarshal.Cast<byte, Half>(data))
                    writer.WriteNumberValue(Finite(tensor, (float)value));
                break;
            case "FP32":
                foreach (var value in MemoryMarshal.Cast<byte, float>(data))
                    writer.WriteNumberValue(Finite(tensor, value));
                break;
            case "FP64":
                foreach (var value in MemoryMarshal.Cast<byte, double>(data))
                    writer.WriteNumberValue(Finite(tensor, value));
                break;
            case "BOOL":
                foreach (var value in data)
                    writer.WriteBooleanValue(value != 0);
                break;
            case "BYTES":
                foreach (var text in tensor.AsText())
                    writer.WriteStringValue(text);
                break;
            default:
                throw new InvalidInputException(
                    $"tensor '{tensor.Name}' has type '{tensor.Datatype}', expected BOOL, UINT8–64, INT8–64, FP16, FP32, FP64 or BYTES."
                );
        }
    }

    private static T Finite<T>(InferenceTensor tensor, T value)
        where T : System.Numerics.IFloatingPointIeee754<T> =>
        T.IsFinite(value)
            ? value
            : throw new InvalidInputException(
                $"tensor '{tensor.Name}' holds {value}: a model takes finite numbers alone."
            );
}
