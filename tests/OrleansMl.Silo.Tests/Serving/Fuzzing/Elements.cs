using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Elements of every datatype, as JSON and as bytes, most of them right.</summary>
internal static class Elements
{
    private static readonly string[] WrongJson =
    [
        "null",
        "true",
        "\"\"",
        "{}",
        "[]",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "1e-400",
        "256",
        "-129",
        "65536",
        "4294967296",
        "18446744073709551616",
        "9223372036854775808",
        "-9223372036854775809",
        "0.5",
        "1.0",
        "1e2",
        "-0",
        "01",
        "+1",
        ".5",
        "1.",
        "0x10",
        "3.4028236e38",
        "65520",
        "123456789012345678901234567890123456789012345678901234567890",
    ];

    private static readonly string[] Texts =
    [
        "",
        "a",
        "an apple",
        "ä€😀",
        "\\u0000",
        "\\ud83d\\ude00",
        "\\n\\t\\\"\\\\",
        "\\u00e4",
    ];

    /// <summary>Bytes of an element; 0: a length and as many.</summary>
    public static int SizeOf(string datatype) =>
        datatype switch
        {
            "BOOL" or "UINT8" or "INT8" => 1,
            "UINT16" or "INT16" or "FP16" or "BF16" => 2,
            "UINT32" or "INT32" or "FP32" => 4,
            "UINT64" or "INT64" or "FP64" => 8,
            _ => 0,
        };

    /// <summary>An element as JSON.</summary>
    public static string Json(FuzzRandom random, string datatype, double wrong) =>
        random.Chance(wrong)
            ? random.Pick(WrongJson)
            : datatype switch
            {
                "BOOL" => random.Chance(0.5) ? "true" : "false",
                "BYTES" => $"\"{random.Pick(Texts)}\"",
                "FP16" or "FP32" or "FP64" => Number(random),
                "INT8" or "INT16" or "INT32" or "INT64" => $"{random.Next(256) - 128}",
                _ => $"{random.Next(256)}",
            };

    /// <summary>So many elements as bytes.</summary>
    public static byte[] Bytes(FuzzRandom random, string datatype, int count, double wrong)
    {
        var size = SizeOf(datatype);
        if (random.Chance(wrong))
            return random.Bytes(random.Next(3 * (count + 1) * Math.Max(1, size)));
        if (size == 0)
            return TextBytes(random, count, wrong);
        var bytes = new byte[size * count];
        for (var i = 0; i < count; i++)
            Write(random, datatype, bytes.AsSpan(i * size, size), wrong);
        return bytes;
    }

    private static void Write(FuzzRandom random, string datatype, Span<byte> target, double wrong)
    {
        var isWrong = random.Chance(wrong / 4);
        switch (datatype)
        {
            case "BOOL":
                target[0] = (byte)random.Next(isWrong ? 256 : 2);
                break;
            case "FP16":
                BinaryPrimitives.WriteHalfLittleEndian(
                    target,
                    isWrong
                        ? random.Pick([Half.NaN, Half.PositiveInfinity])
                        : (Half)random.Next(100)
                );
                break;
            case "FP32":
                BinaryPrimitives.WriteSingleLittleEndian(
                    target,
                    isWrong
                        ? random.Pick([float.NaN, float.NegativeInfinity, float.MaxValue])
                        : random.Next(1000) / 8f
                );
                break;
            case "FP64":
                BinaryPrimitives.WriteDoubleLittleEndian(
                    target,
                    isWrong
                        ? random.Pick([double.NaN, double.PositiveInfinity, double.Epsilon])
                        : random.Next(1000) / 8d
                );
                break;
            default:
                for (var i = 0; i < target.Length; i++)
                    target[i] = (byte)random.Next();
                break;
        }
    }

    private static byte[] TextBytes(FuzzRandom random, int count, double wrong)
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        for (var i = 0; i < count; i++)
        {
            var text = random.Chance(0.2)
                ? random.Bytes(random.Next(6))
                : Encoding.UTF8.GetBytes(random.Pick(Texts));
            BinaryPrimitives.WriteUInt32LittleEndian(
                length,
                random.Chance(wrong)
                    ? random.Pick<uint>([
                        0,
                        (uint)text.Length + 1,
                        0x7FFFFFFF,
                        0x80000000,
                        uint.MaxValue,
                    ])
                    : (uint)text.Length
            );
            bytes.Write(length);
            bytes.Write(text);
        }
        return bytes.ToArray();
    }

    private static string Number(FuzzRandom random) =>
        random.Next(4) switch
        {
            0 => $"{random.Next(100)}",
            1 => (random.Next(2_000_000) / 1000d - 1000).ToString(CultureInfo.InvariantCulture),
            2 => $"{random.Next(10)}.{random.Next()}",
            _ => $"{random.Next(10)}e{random.Next(8) - 4}",
        };
}
