using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads a request of the Open Inference Protocol in one pass over its UTF-8.</summary>
internal static class InferenceRequestReader
{
    public const int MaxDepth = 100;
    public const int MaxRank = 64;

    public static ParsedInferenceRequest Read(ReadOnlySpan<byte> utf8, TensorBuffers buffers)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Invalid("The body: expected a JSON object with 'inputs'.");
        string? id = null;
        List<InferenceTensor>? inputs = null;
        List<RequestedOutput>? outputs = null;
        List<MissingElement>? missing = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                if (inputs is not null)
                    throw Invalid("'inputs' was given twice.");
                inputs = ReadInputs(ref reader, utf8.Length, buffers, ref missing);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                outputs = ReadOutputs(ref reader);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                id = ReadText(ref reader, "id");
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                ReadParameters(ref reader, "the request");
            }
            else
            {
                // The protocol lets clients send more than a server knows.
                reader.Skip();
            }
        }
        if (inputs is null)
            throw Invalid("'inputs' is missing: expected an array of tensors.");
        // What comes after the object is refused by the reader.
        reader.Read();
        return new ParsedInferenceRequest(
            new InferenceRequest
            {
                Id = id,
                Inputs = inputs,
                Outputs = outputs is null ? [] : [.. outputs.Select(output => output.Name)],
            },
            outputs ?? [],
            missing ?? []
        );
    }

    private static List<InferenceTensor> ReadInputs(
        ref Utf8JsonReader reader,
        int bodyBytes,
        TensorBuffers buffers,
        ref List<MissingElement>? missing
    )
    {
        EnterArray(ref reader, "inputs");
        var inputs = new List<InferenceTensor>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            inputs.Add(ReadTensor(ref reader, inputs.Count, bodyBytes, buffers, ref missing));
        return inputs;
    }

    private static InferenceTensor ReadTensor(
        ref Utf8JsonReader reader,
        int index,
        int bodyBytes,
        TensorBuffers buffers,
        ref List<MissingElement>? missing
    )
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Invalid($"inputs[{index}]: expected an object, got {reader.TokenType}.");
        string? name = null;
        string? datatype = null;
        long[]? shape = null;
        ReadOnlyMemory<byte>? data = null;
        var firstNull = -1L;
        // Data that stands before what tells how to read it is passed over and read at the end, from a copy of the reader.
        var later = default(Utf8JsonReader);
        var isLater = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8))
            {
                if (data is not null || isLater)
                    throw Invalid($"inputs[{index}]: 'data' was given twice.");
                reader.Read();
                if (name is not null && datatype is not null && shape is not null)
                {
                    data = TensorJsonReader.Read(
                        ref reader,
                        name,
                        datatype,
                        shape,
                        bodyBytes,
                        buffers,
                        out firstNull
                    );
                    continue;
                }
                later = reader;
                isLater = true;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                name = ReadText(ref reader, $"inputs[{index}].name");
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                datatype = ReadText(ref reader, $"inputs[{index}].datatype");
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                shape = ReadShape(ref reader, index);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                ReadParameters(ref reader, $"inputs[{index}]");
            }
            else
            {
                reader.Skip();
            }
        }
        if (name is null || datatype is null || shape is null)
            throw Invalid(
                $"inputs[{index}]: '{(name is null ? "name" : datatype is null ? "datatype" : "shape")}' is missing."
            );
        if (isLater)
            data = TensorJsonReader.Read(
                ref later,
                name,
                datatype,
                shape,
                bodyBytes,
                buffers,
                out firstNull
            );
        if (firstNull >= 0)
            (missing ??= []).Add(new MissingElement(name, datatype, firstNull));
        return new InferenceTensor
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
            Data = data ?? throw Invalid($"input '{name}': 'data' is missing."),
        };
    }

    private static long[] ReadShape(ref Utf8JsonReader reader, int index)
    {
        EnterArray(ref reader, $"inputs[{index}].shape");
        var shape = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var dimension))
                throw Invalid($"inputs[{index}].shape: expected whole numbers.");
            if (shape.Count == MaxRank)
                throw Invalid($"inputs[{index}].shape: expected at most {MaxRank} dimensions.");
            shape.Add(dimension);
        }
        return [.. shape];
    }

    private static List<RequestedOutput> ReadOutputs(ref Utf8JsonReader reader)
    {
        EnterArray(ref reader, "outputs");
        var outputs = new List<RequestedOutput>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Invalid($"outputs[{outputs.Count}]: expected an object with 'name'.");
            string? name = null;
            var classes = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("name"u8))
                    name = ReadText(ref reader, $"outputs[{outputs.Count}].name");
                else if (reader.ValueTextEquals("parameters"u8))
                    classes = ReadParameters(ref reader, $"outputs[{outputs.Count}]");
                else
                    reader.Skip();
            }
            outputs.Add(
                new RequestedOutput(
                    name ?? throw Invalid($"outputs[{outputs.Count}]: 'name' is missing."),
                    classes
                )
            );
        }
        return outputs;
    }

    // Returns 'classification'. Parameters without a meaning here are passed over; those of the binary extension are refused.
    private static int ReadParameters(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return 0;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Invalid($"{where}: expected 'parameters' to be an object.");
        var classes = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isBinary =
                reader.ValueTextEquals("binary_data"u8)
                || reader.ValueTextEquals("binary_data_output"u8)
                || reader.ValueTextEquals("binary_data_size"u8);
            var isClasses = reader.ValueTextEquals("classification"u8);
            reader.Read();
            if (isBinary && reader.TokenType is not (JsonTokenType.False or JsonTokenType.Null))
                throw RequestException.Unsupported(
                    $"{where}: the binary tensor extension is not offered; send and take JSON."
                );
            if (isClasses)
            {
                if (
                    reader.TokenType != JsonTokenType.Number
                    || !reader.TryGetInt32(out classes)
                    || classes < 1
                )
                    throw Invalid(
                        $"{where}: expected 'classification' to be a number of classes from 1."
                    );
            }
            reader.Skip();
        }
        return classes;
    }

    private static string? ReadText(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.String)
            throw Invalid($"{where}: expected text, got {reader.TokenType}.");
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw Invalid($"{where}: the text is no valid UTF-8.");
        }
    }

    private static void EnterArray(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Invalid($"{where}: expected an array, got {reader.TokenType}.");
    }

    private static InvalidInputException Invalid(string message) => new(message);
}
