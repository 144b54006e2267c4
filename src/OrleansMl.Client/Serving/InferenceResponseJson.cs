using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>Reads answers of the Open Inference Protocol, data flat or nested. Null, which stands for a number that isn't finite, becomes NaN.</summary>
internal static class InferenceResponseJson
{
    /// <summary>Reads an answer.</summary>
    /// <exception cref="FormatException">It isn't one; the message says where.</exception>
    public static InferenceResponse Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            var outputs = new List<InferenceTensor>();
            foreach (var tensor in root.GetProperty("outputs").EnumerateArray())
                outputs.Add(ReadTensor(tensor));
            return new InferenceResponse
            {
                Model = root.GetProperty("model_name").GetString() ?? "",
                Version = int.Parse(root.GetProperty("model_version").GetString() ?? ""),
                Id = root.TryGetProperty("id", out var id) ? id.GetString() : null,
                Outputs = outputs,
            };
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or OverflowException
            )
        {
            throw new FormatException(
                $"not an answer of the Open Inference Protocol: {e.Message}",
                e
            );
        }
    }

    private static InferenceTensor ReadTensor(JsonElement tensor)
    {
        var name = tensor.GetProperty("name").GetString() ?? "";
        var datatype = tensor.GetProperty("datatype").GetString() ?? "";
        long[] shape = [.. tensor.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        return ReadTensor(name, datatype, shape, tensor.GetProperty("data"));
    }

    /// <summary>Reads a tensor of which the elements are this JSON, flat or nested.</summary>
    /// <exception cref="FormatException">They are other than its datatype and shape say.</exception>
    public static InferenceTensor ReadTensor(
        string name,
        string datatype,
        long[] shape,
        ReadOnlySpan<byte> json
    ) => ReadTensor(name, datatype, shape, JsonElement.Parse(json));

    private static InferenceTensor ReadTensor(
        string name,
        string datatype,
        long[] shape,
        JsonElement data
    )
    {
        var buffer = new ArrayBufferWriter<byte>();
        var write = Writer(datatype);
        var count = Flatten(data, element => write(buffer, element));
        return count == TensorData.Elements(shape)
            ? TensorData.Make(name, datatype, buffer.WrittenMemory, shape)
            : throw new FormatException(
                $"tensor '{name}' of shape [{string.Join(',', shape)}] came with {count} elements."
            );
    }

    private static long Flatten(JsonElement element, Action<JsonElement> leaf)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            leaf(element);
            return 1;
        }
        var count = 0L;
        foreach (var item in element.EnumerateArray())
            count += Flatten(item, leaf);
        return count;
    }

    private static Action<ArrayBufferWriter<byte>, JsonElement> Writer(string datatype) =>
        datatype switch
        {
            "BOOL" => (b, e) => Put(b, 1, s => s[0] = e.GetBoolean() ? (byte)1 : (byte)0),
            "UINT8" => (b, e) => Put(b, 1, s => s[0] = e.GetByte()),
            "INT8" => (b, e) => Put(b, 1, s => s[0] = (byte)e.GetSByte()),
            "UINT16" => (b, e) =>
                Put(b, 2, s => BinaryPrimitives.WriteUInt16LittleEndian(s, e.GetUInt16())),
            "INT16" => (b, e) =>
                Put(b, 2, s => BinaryPrimitives.WriteInt16LittleEndian(s, e.GetInt16())),
            "UINT32" => (b, e) =>
                Put(b, 4, s => BinaryPrimitives.WriteUInt32LittleEndian(s, e.GetUInt32())),
            "INT32" => (b, e) =>
                Put(b, 4, s => BinaryPrimitives.WriteInt32LittleEndian(s, e.GetInt32())),
            "UINT64" => (b, e) =>
                Put(b, 8, s => BinaryPrimitives.WriteUInt64LittleEndian(s, e.GetUInt64())),
            "INT64" => (b, e) =>
                Put(b, 8, s => BinaryPrimitives.WriteInt64LittleEndian(s, e.GetInt64())),
            "FP16" => (b, e) =>
                Put(b, 2, s => BinaryPrimitives.WriteHalfLittleEndian(s, (Half)Number(e))),
            "FP32" => (b, e) =>
                Put(b, 4, s => BinaryPrimitives.WriteSingleLittleEndian(s, Single(e))),
            "FP64" => (b, e) =>
                Put(b, 8, s => BinaryPrimitives.WriteDoubleLittleEndian(s, Number(e))),
            "BYTES" => (b, e) => PutText(b, e.GetString() ?? ""),
            _ => throw new FormatException($"'{datatype}' is not a type of the protocol's JSON."),
        };

    private static void Put(ArrayBufferWriter<byte> buffer, int size, SpanAction write)
    {
        write(buffer.GetSpan(size)[..size]);
        buffer.Advance(size);
    }

    private static void PutText(ArrayBufferWriter<byte> buffer, string text)
    {
        var size = sizeof(uint) + Encoding.UTF8.GetByteCount(text);
        var span = buffer.GetSpan(size);
        BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)(size - sizeof(uint)));
        Encoding.UTF8.GetBytes(text, span[sizeof(uint)..]);
        buffer.Advance(size);
    }

    private static float Single(JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? float.NaN : element.GetSingle();

    private static double Number(JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();

    private delegate void SpanAction(Span<byte> target);
}
