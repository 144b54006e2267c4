using System.Buffers.Binary;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving;

/// <summary>Elements of tensors from JSON tokens to little-endian bytes.</summary>
internal static class TensorElements
{
    private const int MaxShown = 40;

    /// <summary>Bytes an element takes, 0 for BYTES; null for a datatype that JSON can't carry.</summary>
    public static int? SizeOf(string datatype) =>
        datatype switch
        {
            "BOOL" or "UINT8" or "INT8" => 1,
            "UINT16" or "INT16" or "FP16" => 2,
            "UINT32" or "INT32" or "FP32" => 4,
            "UINT64" or "INT64" or "FP64" => 8,
            "BYTES" => 0,
            _ => null,
        };

    public static string AllNames =>
        "BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64 or BYTES";

    /// <summary>Writes the reader's current token; false when it is no value of the datatype.</summary>
    public static bool TryWrite(ref Utf8JsonReader token, string datatype, Span<byte> target)
    {
        if (datatype == "BOOL")
        {
            if (token.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                return false;
            target[0] = token.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
            return true;
        }
        if (token.TokenType != JsonTokenType.Number)
            return false;
        switch (datatype)
        {
            case "FP32":
                var single = DecimalText.ToSingle(token.ValueSpan);
                BinaryPrimitives.WriteSingleLittleEndian(target, single);
                return float.IsFinite(single);
            case "FP64":
                var number = DecimalText.ToDouble(token.ValueSpan);
                BinaryPrimitives.WriteDoubleLittleEndian(target, number);
                return double.IsFinite(number);
            case "FP16":
                var half = (Half)DecimalText.ToDouble(token.ValueSpan);
                BinaryPrimitives.WriteHalfLittleEndian(target, half);
                return Half.IsFinite(half);
            case "UINT8":
                var isByte = token.TryGetByte(out target[0]);
                return isByte;
            case "INT8":
                var isSByte = token.TryGetSByte(out var i8);
                target[0] = unchecked((byte)i8);
                return isSByte;
            case "UINT16":
                var isUInt16 = token.TryGetUInt16(out var u16);
                BinaryPrimitives.WriteUInt16LittleEndian(target, u16);
                return isUInt16;
            case "INT16":
                var isInt16 = token.TryGetInt16(out var i16);
                BinaryPrimitives.WriteInt16LittleEndian(target, i16);
                return isInt16;
            case "UINT32":
                var isUInt32 = token.TryGetUInt32(out var u32);
                BinaryPrimitives.WriteUInt32LittleEndian(target, u32);
                return isUInt32;
            case "INT32":
                var isInt32 = token.TryGetInt32(out var i32);
                BinaryPrimitives.WriteInt32LittleEndian(target, i32);
                return isInt32;
            case "UINT64":
                var isUInt64 = token.TryGetUInt64(out var u64);
                BinaryPrimitives.WriteUInt64LittleEndian(target, u64);
                return isUInt64;
            default:
                var isInt64 = token.TryGetInt64(out var i64);
                BinaryPrimitives.WriteInt64LittleEndian(target, i64);
                return isInt64;
        }
    }

    /// <summary>Writes a text token as a BYTES element; the target has 4 bytes more than the token's raw text. Returns the bytes written, or null when it is no text.</summary>
    public static int? TryWriteText(ref Utf8JsonReader token, Span<byte> target)
    {
        if (token.TokenType != JsonTokenType.String)
            return null;
        int length;
        try
        {
            length = token.CopyString(target[sizeof(uint)..]);
        }
        catch (InvalidOperationException)
        {
            // Broken UTF-8 or half a surrogate pair: no text either.
            return null;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)length);
        return sizeof(uint) + length;
    }

    /// <summary>Writes what stands for a missing value; returns the bytes written, or null for a datatype that has no such value.</summary>
    public static int? TryWriteMissing(string datatype, Span<byte> target)
    {
        switch (datatype)
        {
            case "FP32":
                BinaryPrimitives.WriteSingleLittleEndian(target, float.NaN);
                return sizeof(float);
            case "FP64":
                BinaryPrimitives.WriteDoubleLittleEndian(target, double.NaN);
                return sizeof(double);
            case "INT64":
                BinaryPrimitives.WriteInt64LittleEndian(target, long.MinValue);
                return sizeof(long);
            case "BYTES":
                // An empty text is its length alone.
                BinaryPrimitives.WriteUInt32LittleEndian(target, 0);
                return sizeof(uint);
            default:
                return null;
        }
    }

    /// <summary>Checks that a request leaves out only what the model's signature allows to.</summary>
    /// <exception cref="InvalidInputException">A null stands where a value must.</exception>
    public static void CheckMissing(ModelSignature signature, IReadOnlyList<MissingElement> missing)
    {
        foreach (var (tensor, datatype, index) in missing)
        {
            // An input that the model lacks is refused by name where all names are checked.
            if (signature.Inputs.FirstOrDefault(i => i.Name == tensor) is { AllowsMissing: false })
                throw new InvalidInputException(
                    $"input '{tensor}': expected {Describe(datatype)} values, got null at element {index}; {NoMissing(datatype)}."
                );
        }
    }

    /// <summary>Why an input of the datatype takes no missing value.</summary>
    public static string NoMissing(string datatype) =>
        datatype is "FP32" or "FP64" or "INT64" or "BYTES"
            ? "the model was trained without missing values of it"
            : $"a missing value can't be given as {datatype}, fill it in";

    /// <summary>The error for a token that is no value of the datatype.</summary>
    public static InvalidInputException Refuse(
        ref Utf8JsonReader token,
        string tensor,
        string datatype,
        long index,
        string? place = null
    )
    {
        var got = token.TokenType switch
        {
            JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(
                token.ValueSpan[..Math.Min(MaxShown, token.ValueSpan.Length)]
            ),
            JsonTokenType.String =>
                $"the text \"{System.Text.Encoding.UTF8.GetString(token.ValueSpan[..Math.Min(MaxShown, token.ValueSpan.Length)])}\"",
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Null => "null",
            JsonTokenType.StartObject => "an object",
            _ => "something else",
        };
        return new InvalidInputException(
            (
                place is null
                    ? $"input '{tensor}': expected {Describe(datatype)} values, got {got} at element {index}"
                    : $"{place}: expected {Describe(datatype)}, got {got}"
            ) + (token.TokenType == JsonTokenType.Null ? $"; {NoMissing(datatype)}." : ".")
        );
    }

    private static string Describe(string datatype) =>
        datatype switch
        {
            "BOOL" => "BOOL (true or false)",
            "BYTES" => "BYTES (text)",
            "FP16" or "FP32" or "FP64" => $"finite {datatype}",
            "UINT8" => "UINT8 (0 to 255)",
            "INT8" => "INT8 (-128 to 127)",
            "UINT16" => "UINT16 (0 to 65535)",
            "INT16" => "INT16 (-32768 to 32767)",
            _ => datatype,
        };
}
