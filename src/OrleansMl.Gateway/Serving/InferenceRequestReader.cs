using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads a request of the Open Inference Protocol in one pass over its UTF-8.</summary>
internal static class InferenceRequestReader
{
    public const int MaxDepth = 100;
    public const int MaxRank = 64;

    /// <summary>The most inputs, and the most outputs asked for: what takes more memory to read than to send must be bounded before it is checked.</summary>
    public const int MaxTensors = 10_000;

    /// <summary>Reads a request without binary tensors.</summary>
    public static ParsedInferenceRequest Read(ReadOnlySpan<byte> utf8, TensorMemory memory) =>
        Read(utf8, default, memory);

    /// <summary>Reads a request.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="binary">What follows it: the bytes of the tensors that say how many are theirs, one after the other.</param>
    /// <param name="memory">Takes the tensors; of binary ones only those that stand where their elements can't be read.</param>
    /// <exception cref="InvalidInputException">The request is wrong.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static ParsedInferenceRequest Read(
        ReadOnlySpan<byte> utf8,
        ReadOnlyMemory<byte> binary,
        TensorMemory memory
    )
    {
        var cursor = new JsonCursor(utf8, MaxDepth);
        try
        {
            return Read(ref cursor, new BinaryTensors(binary, memory), memory);
        }
        catch (JsonException) when (cursor.HasSkipped)
        {
            // Its position lacks what was passed over: the reader itself finds the true one.
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read()) { }
            throw;
        }
    }

    private static ParsedInferenceRequest Read(
        ref JsonCursor cursor,
        BinaryTensors binary,
        TensorMemory memory
    )
    {
        ref var reader = ref cursor.Reader;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Invalid("The body: expected a JSON object with 'inputs'.");
        string? id = null;
        List<InferenceTensor>? inputs = null;
        List<RequestedOutput>? outputs = null;
        List<MissingElement>? missing = null;
        var parameters = RequestParameters.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                if (inputs is not null)
                    throw Invalid("'inputs' was given twice.");
                inputs = ReadInputs(ref cursor, binary, memory, ref missing);
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
                parameters = RequestParameters.Read(ref reader);
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
        binary.RequireEnd();
        return new ParsedInferenceRequest(
            new InferenceRequest
            {
                Id = id,
                Inputs = inputs,
                Outputs = Names(outputs),
                Parameters = parameters.Inference,
                Memory = memory,
            },
            outputs ?? [],
            missing ?? [],
            parameters.IsOutputBinary
        );
    }

    private static string[] Names(List<RequestedOutput>? outputs)
    {
        if (outputs is null or [])
            return [];
        var names = new string[outputs.Count];
        for (var i = 0; i < names.Length; i++)
            names[i] = outputs[i].Name;
        return names;
    }

    private static List<InferenceTensor> ReadInputs(
        ref JsonCursor cursor,
        BinaryTensors binary,
        TensorMemory memory,
        ref List<MissingElement>? missing
    )
    {
        EnterArray(ref cursor.Reader, "inputs");
        var inputs = new List<InferenceTensor>(4);
        while (cursor.Reader.Read() && cursor.Reader.TokenType != JsonTokenType.EndArray)
        {
            if (inputs.Count == MaxTensors)
                throw TooMany("inputs");
            inputs.Add(
                InputTensorReader.Read(ref cursor, inputs.Count, binary, memory, ref missing)
            );
        }
        return inputs;
    }

    private static List<RequestedOutput> ReadOutputs(ref Utf8JsonReader reader)
    {
        EnterArray(ref reader, "outputs");
        var outputs = new List<RequestedOutput>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Invalid($"outputs[{outputs.Count}]: expected an object with 'name'.");
            if (outputs.Count == MaxTensors)
                throw TooMany("outputs");
            string? name = null;
            var parameters = default(TensorParameters);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("name"u8))
                    name = ReadText(ref reader, $"outputs[{outputs.Count}].name");
                else if (reader.ValueTextEquals("parameters"u8))
                    parameters = TensorParameters.Read(ref reader, $"outputs[{outputs.Count}]");
                else
                    reader.Skip();
            }
            outputs.Add(
                new RequestedOutput(
                    name ?? throw Invalid($"outputs[{outputs.Count}]: 'name' is missing."),
                    parameters.Classes,
                    parameters.IsBinary
                )
            );
        }
        return outputs;
    }

    /// <summary>Reads a text or null.</summary>
    public static string? ReadText(ref Utf8JsonReader reader, string where)
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

    /// <summary>Reads the beginning of an array.</summary>
    public static void EnterArray(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Invalid($"{where}: expected an array, got {reader.TokenType}.");
    }

    /// <summary>The error for more tensors than are read.</summary>
    public static InvalidInputException TooMany(string what) =>
        new($"{what}: expected at most {MaxTensors} tensors.");

    private static InvalidInputException Invalid(string message) => new(message);
}
