using System.Globalization;
using System.Text.Json;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>Reads an answer of which the outputs' bytes follow the JSON in its order; such as have their elements in the JSON too.</summary>
internal static class BinaryResponse
{
    /// <summary>Reads it.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="tensors">The bytes behind it; the answer keeps them.</param>
    /// <param name="memory">Whose they are.</param>
    /// <exception cref="FormatException">It isn't such an answer.</exception>
    public static InferenceResponse Read(
        ReadOnlySpan<byte> json,
        ReadOnlyMemory<byte> tensors,
        TensorMemory memory
    )
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            string? model = null;
            string? version = null;
            string? id = null;
            List<InferenceTensor>? outputs = null;
            Enter(ref reader, JsonTokenType.StartObject);
            while (Next(ref reader, JsonTokenType.EndObject))
            {
                if (reader.ValueTextEquals("model_name"u8))
                    model = Text(ref reader);
                else if (reader.ValueTextEquals("model_version"u8))
                    version = Text(ref reader);
                else if (reader.ValueTextEquals("id"u8))
                    id = Text(ref reader);
                else if (reader.ValueTextEquals("outputs"u8))
                    outputs = ReadOutputs(ref reader, json, ref tensors);
                else
                    reader.Skip();
            }
            if (model is null || outputs is null)
                throw new FormatException("model_name or outputs is missing");
            if (tensors.Length > 0)
                throw new FormatException($"{tensors.Length} bytes belong to no output");
            return new InferenceResponse
            {
                Model = model,
                Version = int.Parse(version ?? "", CultureInfo.InvariantCulture),
                Id = id,
                Outputs = outputs,
                Memory = memory,
            };
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or FormatException
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

    private static List<InferenceTensor> ReadOutputs(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> json,
        ref ReadOnlyMemory<byte> tensors
    )
    {
        var outputs = new List<InferenceTensor>();
        Enter(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader, JsonTokenType.EndArray))
            outputs.Add(ReadOutput(ref reader, json, ref tensors));
        return outputs;
    }

    private static InferenceTensor ReadOutput(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> json,
        ref ReadOnlyMemory<byte> tensors
    )
    {
        var name = "";
        var datatype = "";
        var size = -1L;
        var elements = default(Range);
        List<long>? shape = null;
        while (Next(ref reader, JsonTokenType.EndObject))
        {
            if (reader.ValueTextEquals("name"u8))
                name = Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("datatype"u8))
                datatype = Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("shape"u8))
                shape = ReadShape(ref reader);
            else if (reader.ValueTextEquals("parameters"u8))
                size = ReadSize(ref reader);
            else if (reader.ValueTextEquals("data"u8))
                elements = ReadElements(ref reader);
            else
                reader.Skip();
        }
        if (size < 0 && !elements.Equals(default(Range)) && shape is not null)
            return InferenceResponseJson.ReadTensor(name, datatype, [.. shape], json[elements]);
        if (size < 0 || size > tensors.Length || shape is null)
            throw new FormatException(
                $"output '{name}' of {size} bytes, of which {tensors.Length} came"
            );
        var data = tensors[..(int)size];
        tensors = tensors[(int)size..];
        return new InferenceTensor
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
            Data = data,
        };
    }

    private static List<long> ReadShape(ref Utf8JsonReader reader)
    {
        var shape = new List<long>(4);
        Enter(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader, JsonTokenType.EndArray))
            shape.Add(reader.GetInt64());
        return shape;
    }

    private static long ReadSize(ref Utf8JsonReader reader)
    {
        var size = -1L;
        Enter(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader, JsonTokenType.EndObject))
        {
            if (reader.ValueTextEquals("binary_data_size"u8))
            {
                reader.Read();
                size = reader.GetInt64();
            }
            else
            {
                reader.Skip();
            }
        }
        return size;
    }

    // The array's own text: its type may stand behind it.
    private static Range ReadElements(ref Utf8JsonReader reader)
    {
        Enter(ref reader, JsonTokenType.StartArray);
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static void Enter(ref Utf8JsonReader reader, JsonTokenType start)
    {
        if (!reader.Read() || reader.TokenType != start)
            throw new FormatException($"expected {start}, got {reader.TokenType}");
    }

    private static bool Next(ref Utf8JsonReader reader, JsonTokenType end) =>
        reader.Read()
            ? reader.TokenType != end
            : throw new FormatException("the JSON ends too early");
}
