using System.Buffers;
using System.Text.Json;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Writes a model's answer as one <see cref="Prediction"/> an example.</summary>
internal static class PredictionWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public static void Write(
        IBufferWriter<byte> target,
        InferenceResponse response,
        ModelSignature signature
    )
    {
        var rows = response.Outputs.Count > 0 ? Rows(response.Outputs[0]) : 0;
        using var writer = new Utf8JsonWriter(target, Options);
        writer.WriteStartObject();
        writer.WriteString("model"u8, response.Model);
        writer.WriteNumber("version"u8, response.Version);
        writer.WriteStartArray("predictions"u8);
        var answers = PredictedClasses.Find(response, signature);
        for (var row = 0; row < rows; row++)
            WriteRow(writer, response, signature, answers, row);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRow(
        Utf8JsonWriter writer,
        InferenceResponse response,
        ModelSignature signature,
        PredictedClasses? answers,
        int row
    )
    {
        writer.WriteStartObject();
        if (answers is not null)
            answers.Write(writer, row);
        else
            WriteValue(writer, response, signature, row);
        writer.WriteStartObject("outputs"u8);
        foreach (var output in response.Outputs)
        {
            writer.WritePropertyName(output.Name);
            var rows = Rows(output);
            var isBatched = rows > row;
            var cursor = new TensorCursor(isBatched ? TensorRow.Of(output, row, rows) : output);
            WriteNested(
                writer,
                ref cursor,
                output.Shape,
                isBatched && output.Shape.Count > 0 ? 1 : 0
            );
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteValue(
        Utf8JsonWriter writer,
        InferenceResponse response,
        ModelSignature signature,
        int row
    )
    {
        // An explanation's outputs come after the model's own.
        if (
            signature is not { Task: "regression", Outputs.Count: 1 }
            || response.Outputs is not [var only, ..]
        )
            return;
        if (only.Datatype is "BYTES" or "BOOL" || only.Shape.Skip(1).Any(d => d != 1))
            return;
        writer.WritePropertyName("value"u8);
        new TensorCursor(TensorRow.Of(only, row, Rows(only))).WriteNext(writer);
    }

    private static void WriteNested(
        Utf8JsonWriter writer,
        ref TensorCursor cursor,
        IReadOnlyList<long> shape,
        int level
    )
    {
        if (level == shape.Count)
        {
            cursor.WriteNext(writer);
            return;
        }
        writer.WriteStartArray();
        for (long i = 0; i < shape[level]; i++)
            WriteNested(writer, ref cursor, shape, level + 1);
        writer.WriteEndArray();
    }

    private static int Rows(InferenceTensor tensor) =>
        tensor.Shape.Count > 0 ? (int)tensor.Shape[0] : 1;
}
