using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads one tensor of a request's <c>inputs</c>, whose members may come in any order.</summary>
internal static class InputTensorReader
{
    /// <summary>Reads the object that the cursor stands at.</summary>
    public static InferenceTensor Read(
        ref JsonCursor cursor,
        int index,
        BinaryTensors binary,
        TensorMemory memory,
        ref List<MissingElement>? missing
    )
    {
        ref var reader = ref cursor.Reader;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Invalid($"inputs[{index}]: expected an object, got {reader.TokenType}.");
        string? name = null;
        string? datatype = null;
        long[]? shape = null;
        long? binarySize = null;
        ReadOnlyMemory<byte>? data = null;
        var firstNull = -1L;
        // Data that stands before what tells how to read it is passed over and read at the end, from a copy of the cursor.
        var later = default(JsonCursor);
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
                        ref cursor,
                        name,
                        datatype,
                        shape,
                        memory,
                        out firstNull
                    );
                    continue;
                }
                later = cursor;
                isLater = true;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                name = InferenceRequestReader.ReadText(ref reader, $"inputs[{index}].name");
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                datatype = InferenceRequestReader.ReadText(ref reader, $"inputs[{index}].datatype");
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                shape = ReadShape(ref reader, index);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                binarySize = TensorParameters.Read(ref reader, $"inputs[{index}]").BinarySize;
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
        if (binarySize is { } size)
        {
            if (data is not null || isLater)
                throw Invalid(
                    $"input '{name}': 'data' and 'binary_data_size' can't both be given."
                );
            data = binary.Take(name, datatype, size);
        }
        else if (isLater)
        {
            data = TensorJsonReader.Read(ref later, name, datatype, shape, memory, out firstNull);
        }
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
        InferenceRequestReader.EnterArray(ref reader, $"inputs[{index}].shape");
        Span<long> shape = stackalloc long[InferenceRequestReader.MaxRank];
        var rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var dimension))
                throw Invalid($"inputs[{index}].shape: expected whole numbers.");
            if (rank == shape.Length)
                throw Invalid(
                    $"inputs[{index}].shape: expected at most {InferenceRequestReader.MaxRank} dimensions."
                );
            shape[rank++] = dimension;
        }
        return shape[..rank].ToArray();
    }

    private static InvalidInputException Invalid(string message) => new(message);
}
