using System.Buffers.Binary;
using System.Text.Json;

namespace OrleansMl.Core.Training.Safetensors;

/// <summary>Reads the format and trusts nothing in it: lengths before memory is taken, then types, shapes, places, and that the arrays fill the file without gap or overlap.</summary>
internal static class SafetensorsReader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The format's own limit.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    public static SafetensorsFile Read(Stream stream)
    {
        var header = ReadHeader(stream);
        var (entries, metadata) = Parse(header);
        Check(entries, stream.Length - 8 - header.Length);
        var tensors = new List<SafetensorsTensor>(entries.Count);
        foreach (var entry in entries)
        {
            var data = new byte[entry.End - entry.Begin];
            stream.ReadExactly(data);
            tensors.Add(new SafetensorsTensor(entry.Name, entry.Type, entry.Shape, data));
        }
        return new SafetensorsFile(tensors, metadata);
    }

    private static byte[] ReadHeader(Stream stream)
    {
        if (stream.Length < 8)
            throw new InvalidDataException($"it has {stream.Length} bytes, expected at least 8.");
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var bytes = BinaryPrimitives.ReadInt64LittleEndian(length);
        if (bytes < 2 || bytes > MaxHeaderBytes || bytes > stream.Length - 8)
            throw new InvalidDataException(
                $"its header's length is given as {bytes}, in a file of {stream.Length} bytes; at most {MaxHeaderBytes} are allowed."
            );
        var header = new byte[bytes];
        stream.ReadExactly(header);
        return header;
    }

    private static (List<Entry> Entries, Dictionary<string, string> Metadata) Parse(byte[] header)
    {
        try
        {
            var json = new Utf8JsonReader(header);
            var entries = new List<Entry>();
            var names = new HashSet<string>();
            var metadata = new Dictionary<string, string>();
            Expect(ref json, JsonTokenType.StartObject, "the header");
            while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                if (!names.Add(name))
                    throw new InvalidDataException($"it names '{name}' twice.");
                if (name == MetadataKey)
                    ParseMetadata(ref json, metadata);
                else
                    entries.Add(ParseEntry(ref json, name));
            }
            // Reading on finds anything after the object that isn't white space.
            while (json.Read()) { }
            return (entries, metadata);
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"its header is no JSON of the format: {error.Message}",
                error
            );
        }
    }

    private static void ParseMetadata(ref Utf8JsonReader json, Dictionary<string, string> metadata)
    {
        Expect(ref json, JsonTokenType.StartObject, MetadataKey);
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            Expect(ref json, JsonTokenType.String, $"{MetadataKey}.{key}");
            if (!metadata.TryAdd(key, json.GetString()!))
                throw new InvalidDataException($"its metadata names '{key}' twice.");
        }
    }

    private static Entry ParseEntry(ref Utf8JsonReader json, string name)
    {
        Expect(ref json, JsonTokenType.StartObject, name);
        SafetensorsType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "dtype" when type is null:
                    Expect(ref json, JsonTokenType.String, $"{name}.dtype");
                    var word = json.GetString();
                    if (
                        !Enum.TryParse<SafetensorsType>(word, out var parsed)
                        || parsed.ToString() != word
                    )
                        throw new InvalidDataException(
                            $"'{name}' has the type {word}; known are {string.Join(", ", Enum.GetNames<SafetensorsType>())}."
                        );
                    type = parsed;
                    break;
                case "shape" when shape is null:
                    shape = ParseNumbers(ref json, $"{name}.shape");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ParseNumbers(ref json, $"{name}.data_offsets");
                    break;
                case var key:
                    throw new InvalidDataException(
                        $"'{name}' has the key '{key}' twice or in error."
                    );
            }
        }
        if (type is null || shape is null || offsets is not [var begin, var end])
            throw new InvalidDataException(
                $"'{name}' lacks its dtype, its shape or its two data_offsets."
            );
        return new Entry(name, type.Value, shape, begin, end);
    }

    private static List<long> ParseNumbers(ref Utf8JsonReader json, string what)
    {
        Expect(ref json, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (json.Read() && json.TokenType is JsonTokenType.Number)
        {
            var number = json.GetInt64();
            if (number < 0)
                throw new InvalidDataException($"'{what}' has the negative number {number}.");
            numbers.Add(number);
        }
        if (json.TokenType is not JsonTokenType.EndArray)
            throw new InvalidDataException($"'{what}' has a {json.TokenType} among its numbers.");
        return numbers;
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type, string what)
    {
        if (!json.Read() || json.TokenType != type)
            throw new InvalidDataException($"'{what}' is a {json.TokenType}, expected a {type}.");
    }

    private static void Check(List<Entry> entries, long bytes)
    {
        entries.Sort(static (a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long place = 0;
        foreach (var entry in entries)
        {
            if (entry.Begin != place || entry.End < entry.Begin || entry.End > bytes)
                throw new InvalidDataException(
                    $"'{entry.Name}' is placed at {entry.Begin} to {entry.End}; it was expected to begin at {place} and to end by {bytes}."
                );
            place = entry.End;
            var size = entry.Bytes();
            if (size != entry.End - entry.Begin)
                throw new InvalidDataException(
                    $"'{entry.Name}' takes {entry.End - entry.Begin} bytes, its type and shape ask for {size?.ToString() ?? "more than there can be"}."
                );
            if (size > Array.MaxLength)
                throw new InvalidDataException(
                    $"'{entry.Name}' takes {size} bytes, at most {Array.MaxLength} can be read."
                );
        }
        if (place != bytes)
            throw new InvalidDataException(
                $"its arrays take {place} bytes and {bytes} follow the header."
            );
    }

    private sealed record Entry(
        string Name,
        SafetensorsType Type,
        IReadOnlyList<long> Shape,
        long Begin,
        long End
    )
    {
        /// <summary>By type and shape; null past the largest whole number.</summary>
        public long? Bytes()
        {
            long bytes = SafetensorsTensor.SizeOf(Type);
            foreach (var size in Shape)
            {
                var product = Math.BigMul(bytes, size, out var low);
                if (product != 0 || low < 0)
                    return null;
                bytes = low;
            }
            return bytes;
        }
    }
}
