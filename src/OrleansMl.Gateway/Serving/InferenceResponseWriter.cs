using System.Buffers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Writes a model's answer in the Open Inference Protocol's JSON, straight into the response.</summary>
internal static class InferenceResponseWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public static void Write(
        IBufferWriter<byte> target,
        InferenceResponse response,
        IReadOnlyList<RequestedOutput> requested,
        IReadOnlyList<string> labels
    )
    {
        using var writer = new Utf8JsonWriter(target, Options);
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, response.Model);
        writer.WriteString("model_version"u8, response.Version.ToString());
        if (response.Id is not null)
            writer.WriteString("id"u8, response.Id);
        writer.WriteStartArray("outputs"u8);
        foreach (var output in response.Outputs)
        {
            var classes = Classes(requested, output.Name);
            if (classes > 0)
                WriteClasses(writer, output, classes, labels);
            else
                WriteTensor(writer, output);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static int Classes(IReadOnlyList<RequestedOutput> requested, string name)
    {
        foreach (var output in requested)
        {
            if (output.Name == name)
                return output.Classes;
        }
        return 0;
    }

    private static void WriteTensor(Utf8JsonWriter writer, InferenceTensor tensor)
    {
        WriteHead(writer, tensor.Name, tensor.Datatype, tensor.Shape);
        var cursor = new TensorCursor(tensor);
        while (!cursor.AtEnd)
            cursor.WriteNext(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteHead(
        Utf8JsonWriter writer,
        string name,
        string datatype,
        IReadOnlyList<long> shape
    )
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("datatype"u8, datatype);
        writer.WriteStartArray("shape"u8);
        for (var i = 0; i < shape.Count; i++)
            writer.WriteNumberValue(shape[i]);
        writer.WriteEndArray();
        writer.WriteStartArray("data"u8);
    }

    /// <summary>Whether an output can be given as classes: numbers, one a class in the last dimension.</summary>
    /// <exception cref="InvalidInputException">It can't.</exception>
    public static void RequireScores(string name, string datatype, int rank)
    {
        if (datatype is "BYTES" or "BOOL" || rank < 1)
            throw new InvalidInputException(
                $"output '{name}': classification needs numbers with a class in each column, got {datatype} of {rank} dimensions."
            );
    }

    private static void WriteClasses(
        Utf8JsonWriter writer,
        InferenceTensor tensor,
        int classes,
        IReadOnlyList<string> labels
    )
    {
        var columns = (int)tensor.Shape[^1];
        var best = Math.Min(classes, columns);
        WriteHead(writer, tensor.Name, "BYTES", [.. tensor.Shape.SkipLast(1), best]);
        var cursor = new TensorCursor(tensor);
        var scores = new double[columns];
        var order = new int[columns];
        while (!cursor.AtEnd)
        {
            for (var i = 0; i < columns; i++)
                (scores[i], order[i]) = (-cursor.NextNumber(), i);
            // A stable order: of equal scores the lower class comes first.
            Array.Sort(
                order,
                (a, b) => scores[a] != scores[b] ? scores[a].CompareTo(scores[b]) : a.CompareTo(b)
            );
            foreach (var index in order.AsSpan(0, best))
            {
                writer.WriteStringValue(
                    index < labels.Count
                        ? $"{-scores[index]}:{index}:{labels[index]}"
                        : $"{-scores[index]}:{index}"
                );
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
