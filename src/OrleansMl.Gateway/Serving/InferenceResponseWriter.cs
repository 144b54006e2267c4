using System.Buffers;
using System.Text.Json;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Writes a model's answer in the Open Inference Protocol's JSON, and says which bytes follow it.</summary>
internal static class InferenceResponseWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    // Writing is of one piece on one thread, and a writer keeps nothing of what it wrote before.
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Writes the JSON.</summary>
    /// <param name="target">Takes it.</param>
    /// <param name="response">What the model answered.</param>
    /// <param name="requested">How outputs are wanted.</param>
    /// <param name="labels">Names of the model's classes.</param>
    /// <param name="id">The request's.</param>
    /// <param name="isBinary">Whether outputs come in binary that do not say otherwise.</param>
    /// <returns>The bytes of the binary outputs, in the order of the JSON; null when there are none.</returns>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Write(
        IBufferWriter<byte> target,
        InferenceResponse response,
        IReadOnlyList<RequestedOutput> requested,
        IReadOnlyList<string> labels,
        string? id = null,
        bool isBinary = false
    )
    {
        var writer = _writer ??= new Utf8JsonWriter(target, Options);
        writer.Reset(target);
        List<ReadOnlyMemory<byte>>? binary = null;
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, response.Model);
        WriteVersion(writer, response.Version);
        if ((id ?? response.Id) is { } text)
            writer.WriteString("id"u8, text);
        writer.WriteStartArray("outputs"u8);
        foreach (var output in response.Outputs)
        {
            var wanted = Find(requested, output.Name);
            var tensor =
                wanted.Classes > 0 ? BestClasses.Of(output, wanted.Classes, labels) : output;
            if (wanted.IsBinary ?? isBinary)
            {
                WriteBinary(writer, tensor);
                (binary ??= new(response.Outputs.Count)).Add(tensor.Data);
            }
            else
            {
                WriteTensor(writer, tensor);
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return binary;
    }

    private static RequestedOutput Find(IReadOnlyList<RequestedOutput> requested, string name)
    {
        for (var i = 0; i < requested.Count; i++)
        {
            if (requested[i].Name == name)
                return requested[i];
        }
        return default;
    }

    private static void WriteVersion(Utf8JsonWriter writer, int version)
    {
        Span<byte> digits = stackalloc byte[11];
        version.TryFormat(digits, out var length);
        writer.WriteString("model_version"u8, digits[..length]);
    }

    private static void WriteBinary(Utf8JsonWriter writer, InferenceTensor tensor)
    {
        WriteHead(writer, tensor);
        writer.WriteStartObject("parameters"u8);
        writer.WriteNumber("binary_data_size"u8, tensor.Data.Length);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter writer, InferenceTensor tensor)
    {
        WriteHead(writer, tensor);
        writer.WriteStartArray("data"u8);
        var cursor = new TensorCursor(tensor);
        while (!cursor.AtEnd)
            cursor.WriteNext(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter writer, InferenceTensor tensor)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tensor.Name);
        writer.WriteString("datatype"u8, tensor.Datatype);
        writer.WriteStartArray("shape"u8);
        for (var i = 0; i < tensor.Shape.Count; i++)
            writer.WriteNumberValue(tensor.Shape[i]);
        writer.WriteEndArray();
    }
}
