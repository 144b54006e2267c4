using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads a tensor's <c>data</c>, flat or nested as its shape says, straight from UTF-8 into pooled bytes.</summary>
internal ref struct TensorJsonReader
{
    // A first guess at the bytes of a text element; the buffer grows.
    private const int TextGuess = 12;

    private readonly string _name;
    private readonly string _datatype;
    private readonly ReadOnlySpan<long> _shape;
    private readonly TensorMemory _memory;
    private readonly int _size;
    private readonly long _expected;
    private byte[] _target;
    private int _written;
    private long _elements;
    private long _firstNull = -1;

    private TensorJsonReader(
        string name,
        string datatype,
        ReadOnlySpan<long> shape,
        int bodyBytes,
        TensorMemory memory
    )
    {
        _name = name;
        _datatype = datatype;
        _shape = shape;
        _memory = memory;
        _size =
            TensorElements.SizeOf(datatype)
            ?? throw new InvalidInputException(
                datatype == "BF16"
                    ? $"input '{name}': JSON can't carry the datatype BF16; send it in binary, with binary_data_size."
                    : $"input '{name}': expected a datatype of {TensorElements.AllNames}, got '{datatype}'."
            );
        _expected = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                throw new InvalidInputException(
                    $"input '{name}': expected dimensions of 0 or more, got shape {Write(shape)}."
                );
            // An element takes a byte and a comma at least: what is larger than the body can't be there, and is not allocated.
            if (dimension > 0 && _expected > (bodyBytes / 2 + 1) / dimension)
                throw new InvalidInputException(
                    $"input '{name}': shape {Write(shape)} has more elements than the body has bytes."
                );
            _expected *= dimension;
        }
        var bytes = _expected * (_size > 0 ? _size : TextGuess);
        if (bytes > Array.MaxLength)
            throw new InvalidInputException(
                $"input '{name}': shape {Write(shape)} has more elements than one request can carry."
            );
        _target = memory.Rent((int)bytes);
    }

    /// <summary>
    /// Reads the value that the cursor stands at, an array; leaves it at the array's end. Where it has null, the data has what stands
    /// for a missing value: whether the model takes that is for the caller to check.
    /// </summary>
    public static ReadOnlyMemory<byte> Read(
        ref JsonCursor cursor,
        string name,
        string datatype,
        ReadOnlySpan<long> shape,
        TensorMemory memory,
        out long firstNull
    )
    {
        var tensor = new TensorJsonReader(name, datatype, shape, cursor.Length, memory);
        var data = tensor.Read(ref cursor);
        firstNull = tensor._firstNull;
        return data;
    }

    private ReadOnlyMemory<byte> Read(ref JsonCursor cursor)
    {
        if (cursor.Reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidInputException(
                $"input '{_name}': expected data to be an array, got {cursor.Reader.TokenType}."
            );
        if (
            _datatype is "FP32" or "FP64"
            && NumberArray.TryRead(
                cursor.Rest,
                _shape,
                _target.AsSpan(0, (int)_expected * _size),
                _size,
                out var numbers
            )
        )
        {
            cursor.Skip(numbers);
            cursor.Reader.Read();
            return _target.AsMemory(0, (int)_expected * _size);
        }
        return ReadTokens(ref cursor.Reader);
    }

    private ReadOnlyMemory<byte> ReadTokens(ref Utf8JsonReader reader)
    {
        // Children seen at each level of nesting; level 0 is the outermost array.
        Span<long> children = stackalloc long[InferenceRequestReader.MaxRank + 1];
        children.Clear();
        var level = 0;
        var elementLevel = -1;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    if (++level >= Math.Max(1, _shape.Length))
                        throw Misshapen($"arrays nested {level + 1} deep");
                    children[level - 1]++;
                    children[level] = 0;
                    break;
                case JsonTokenType.EndArray:
                    // Inner arrays are there only when data is nested; the outermost one's count follows from the whole.
                    if (level > 0 && children[level] != _shape[level])
                        throw Misshapen(
                            $"{children[level]} values at nesting level {level + 1} where {_shape[level]} belong"
                        );
                    if (level-- == 0)
                        return Finish();
                    break;
                default:
                    if (elementLevel < 0)
                        elementLevel =
                            level == 0 || level == _shape.Length - 1
                                ? level
                                : throw Misshapen($"values at nesting level {level + 1}");
                    else if (elementLevel != level)
                        throw Misshapen("values at different nesting levels");
                    children[level]++;
                    Append(ref reader);
                    break;
            }
        }
        // Unreachable for whole JSON: the reader itself throws at a cut.
        throw Misshapen("no end");
    }

    private void Append(ref Utf8JsonReader reader)
    {
        if (_elements == _expected)
            throw Misshapen($"more than {_expected} values");
        if (_size == 0)
        {
            var needed = _written + sizeof(uint) + reader.ValueSpan.Length;
            if (needed > _target.Length)
                _target = _memory.Grow(_target, _written, needed);
        }
        if (reader.TokenType == JsonTokenType.Null)
        {
            _written +=
                TensorElements.TryWriteMissing(_datatype, _target.AsSpan(_written))
                ?? throw TensorElements.Refuse(ref reader, _name, _datatype, _elements);
            if (_firstNull < 0)
                _firstNull = _elements;
        }
        else if (_size > 0)
        {
            if (!TensorElements.TryWrite(ref reader, _datatype, _target.AsSpan(_written, _size)))
                throw TensorElements.Refuse(ref reader, _name, _datatype, _elements);
            _written += _size;
        }
        else
        {
            _written +=
                TensorElements.TryWriteText(ref reader, _target.AsSpan(_written))
                ?? throw TensorElements.Refuse(ref reader, _name, _datatype, _elements);
        }
        _elements++;
    }

    private readonly ReadOnlyMemory<byte> Finish() =>
        _elements == _expected
            ? _target.AsMemory(0, _written)
            : throw Misshapen($"{_elements} values");

    private readonly InvalidInputException Misshapen(string got) =>
        new(
            $"input '{_name}': expected {_expected} values, flat or nested as shape {Write(_shape)} says, got {got}."
        );

    private static string Write(ReadOnlySpan<long> shape) =>
        $"[{string.Join(", ", shape.ToArray())}]";
}
