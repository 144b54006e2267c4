using System.Buffers;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>One input's values over the examples of a request. Each example gives as many as the signature's shape has past its first dimension.</summary>
internal sealed class InstanceColumn
{
    private readonly TensorSignature _signature;
    private readonly int _count;
    private readonly int _size;
    private readonly ArrayBufferWriter<byte> _data = new();
    private long[]? _inner;
    private long _written;

    public InstanceColumn(TensorSignature signature, int count)
    {
        _signature = signature;
        _count = count;
        _size =
            TensorElements.SizeOf(signature.Datatype)
            ?? throw new InvalidInputException(
                $"input '{signature.Name}': its datatype {signature.Datatype} can't be given as JSON."
            );
    }

    public string Name => _signature.Name;

    /// <summary>Null when examples may leave its value out; else why they may not.</summary>
    public string? NoMissing =>
        _signature.AllowsMissing ? null : TensorElements.NoMissing(_signature.Datatype);

    public void Append(JsonElement value, int index)
    {
        _inner ??= InnerShape(value);
        var before = _written;
        AppendAll(value, index);
        var expected = _inner.Aggregate(1L, (product, dimension) => product * dimension);
        if (_written - before != expected)
            throw new InvalidInputException(
                $"instances[{index}].{Name}: expected {expected} values of shape [{string.Join(", ", _inner)}], got {_written - before}."
            );
    }

    public InferenceTensor ToTensor() =>
        new()
        {
            Name = Name,
            Datatype = _signature.Datatype,
            // A model without a dimension to batch over takes one example, and its shape says so in the check to come.
            Shape = _signature.Shape.Count == 0 ? [] : [_count, .. _inner!],
            Data = _data.WrittenMemory,
        };

    private void AppendAll(JsonElement value, int index)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                AppendAll(item, index);
            return;
        }
        var token = Encoding.UTF8.GetBytes(value.GetRawText());
        var reader = new Utf8JsonReader(token);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null && _signature.AllowsMissing)
        {
            _data.Advance(
                TensorElements.TryWriteMissing(_signature.Datatype, _data.GetSpan(sizeof(ulong)))
                    ?? throw Refuse(ref reader, index)
            );
        }
        else if (_size > 0)
        {
            if (!TensorElements.TryWrite(ref reader, _signature.Datatype, _data.GetSpan(_size)))
                throw Refuse(ref reader, index);
            _data.Advance(_size);
        }
        else
        {
            _data.Advance(
                TensorElements.TryWriteText(ref reader, _data.GetSpan(sizeof(uint) + token.Length))
                    ?? throw Refuse(ref reader, index)
            );
        }
        _written++;
    }

    private InvalidInputException Refuse(ref Utf8JsonReader reader, int index) =>
        TensorElements.Refuse(
            ref reader,
            Name,
            _signature.Datatype,
            _written,
            $"instances[{index}].{Name}"
        );

    // Dimensions that the signature leaves open are those of the first example.
    private long[] InnerShape(JsonElement first)
    {
        var inner = _signature.Shape.Skip(1).ToArray();
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] >= 0)
            {
                first = FirstItem(first);
                continue;
            }
            if (first.ValueKind != JsonValueKind.Array)
                throw new InvalidInputException(
                    $"input '{Name}': expected nested arrays of shape [{string.Join(", ", _signature.Shape.Skip(1))}] (-1: any number), got {first.ValueKind}."
                );
            inner[i] = first.GetArrayLength();
            first = FirstItem(first);
        }
        return inner;
    }

    private static JsonElement FirstItem(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? value[0] : value;
}
