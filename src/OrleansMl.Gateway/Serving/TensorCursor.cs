using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads a tensor's elements one after the other and writes them as JSON. Values that JSON lacks (NaN, infinities) become null.</summary>
internal ref struct TensorCursor(InferenceTensor tensor)
{
    private ReadOnlySpan<byte> _rest = tensor.Data.Span;
    private readonly string _datatype = tensor.Datatype;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Writes the next element.</summary>
    public void WriteNext(Utf8JsonWriter writer)
    {
        switch (_datatype)
        {
            case "FP32":
                WriteNumber(writer, BinaryPrimitives.ReadSingleLittleEndian(_rest));
                Advance(4);
                break;
            case "FP64":
                var number = BinaryPrimitives.ReadDoubleLittleEndian(_rest);
                if (double.IsFinite(number))
                    writer.WriteNumberValue(number);
                else
                    writer.WriteNullValue();
                Advance(8);
                break;
            case "FP16":
                WriteNumber(writer, (float)BinaryPrimitives.ReadHalfLittleEndian(_rest));
                Advance(2);
                break;
            case "BF16":
                WriteNumber(writer, NextBrain());
                break;
            case "BOOL":
                writer.WriteBooleanValue(_rest[0] != 0);
                Advance(1);
                break;
            case "BYTES":
                var text = NextBytes();
                if (Utf8.IsValid(text))
                    writer.WriteStringValue(text);
                else
                    writer.WriteStringValue(Encoding.UTF8.GetString(text));
                break;
            case "UINT64":
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(_rest));
                Advance(8);
                break;
            default:
                writer.WriteNumberValue(NextInteger());
                break;
        }
    }

    /// <summary>The next element of a floating-point tensor.</summary>
    public double NextNumber()
    {
        double value;
        switch (_datatype)
        {
            case "FP32":
                value = BinaryPrimitives.ReadSingleLittleEndian(_rest);
                Advance(4);
                break;
            case "FP64":
                value = BinaryPrimitives.ReadDoubleLittleEndian(_rest);
                Advance(8);
                break;
            case "FP16":
                value = (double)BinaryPrimitives.ReadHalfLittleEndian(_rest);
                Advance(2);
                break;
            case "BF16":
                value = NextBrain();
                break;
            case "UINT64":
                value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                Advance(8);
                break;
            default:
                value = NextInteger();
                break;
        }
        return value;
    }

    /// <summary>The next element as text: of BYTES, BOOL or a whole number.</summary>
    public string NextText()
    {
        switch (_datatype)
        {
            case "BYTES":
                return Encoding.UTF8.GetString(NextBytes());
            case "BOOL":
                var truth = _rest[0] != 0;
                Advance(1);
                return truth ? "true" : "false";
            default:
                return NextInteger().ToString();
        }
    }

    // A float without its lower half.
    private float NextBrain()
    {
        var bits = (uint)BinaryPrimitives.ReadUInt16LittleEndian(_rest) << 16;
        Advance(2);
        return BitConverter.UInt32BitsToSingle(bits);
    }

    private long NextInteger()
    {
        var (value, size) = _datatype switch
        {
            "UINT8" => (_rest[0], 1),
            "INT8" => (unchecked((sbyte)_rest[0]), 1),
            "UINT16" => (BinaryPrimitives.ReadUInt16LittleEndian(_rest), 2),
            "INT16" => (BinaryPrimitives.ReadInt16LittleEndian(_rest), 2),
            "UINT32" => (BinaryPrimitives.ReadUInt32LittleEndian(_rest), 4),
            "INT32" => (BinaryPrimitives.ReadInt32LittleEndian(_rest), 4),
            "INT64" => (BinaryPrimitives.ReadInt64LittleEndian(_rest), 8),
            _ => throw new InvalidOperationException(
                $"A tensor of datatype '{_datatype}' has no whole numbers."
            ),
        };
        Advance(size);
        return value;
    }

    private ReadOnlySpan<byte> NextBytes()
    {
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        var bytes = _rest.Slice(sizeof(uint), length);
        Advance(sizeof(uint) + length);
        return bytes;
    }

    private void Advance(int bytes) => _rest = _rest[bytes..];

    private static void WriteNumber(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }
}
