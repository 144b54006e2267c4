using System.Text;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Changes to a request: of bits, bytes, tokens, pieces and lengths.</summary>
internal static class Mutations
{
    private const int LargestPiece = 64;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "null",
            "true",
            "{}",
            "[]",
            "[[",
            "]]",
            "{",
            "}",
            ",",
            ":",
            "\"",
            "\"\"",
            "\\",
            "\"\\ud800\"",
            "\"\\ud800\\ud800inputs\"",
            "\"inputs\":[],",
            "\"data\":[1],",
            "\"shape\":[1,1],",
            "\"parameters\":{\"binary_data_size\":4},",
            "\"binary_data_size\":0,",
            "NaN",
            "Infinity",
            "-",
            "-0",
            "1e400",
            "0.1e-999999999999",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551615",
            "4294967296",
            "2147483648",
            "00",
            "//c\n",
            "/*c*/",
            " ",
            "\u0000",
            "\uFEFF",
            "\u2028",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xC0, 0x80],
        [0xED, 0xA0, 0x80],
        [0xF4, 0x90, 0x80, 0x80],
        [0x80],
        [0xFF, 0xFF, 0xFF, 0xFF],
        [0x7F, 0xFF, 0xFF, 0xFF],
        [0x00, 0x00, 0x00, 0x80],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        // zlib's header with a preset dictionary.
        [0x78, 0xBB, 0x00, 0x00, 0x00, 0x01],
        [0x1F, 0x8B, 0x08, 0x04],
    ];

    /// <summary>The request, changed in a few places; a piece may come from another.</summary>
    public static FuzzCase Apply(FuzzRandom random, FuzzCase request, FuzzCase other)
    {
        var body = request.Body.ToList();
        for (var i = 1 + random.Next(4); i > 0; i--)
            Change(random, body, other.Body);
        var headers = request.Headers;
        // Whether it still says how long the body is, a server has checked before.
        headers =
        [
            .. headers.Select(header =>
                header.Key == "Content-Length"
                    ? KeyValuePair.Create(header.Key, $"{body.Count}")
                    : header
            ),
        ];
        return request with { Headers = headers, Body = [.. body] };
    }

    private static void Change(FuzzRandom random, List<byte> body, byte[] other)
    {
        var at = random.Next(body.Count + 1);
        var piece = Math.Min(body.Count - at, 1 + random.Next(LargestPiece));
        switch (random.Next(12))
        {
            case 0 when body.Count > at:
                body[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when body.Count > at:
                body[at] = (byte)random.Next();
                break;
            case 2 when body.Count > at:
                body[at] = unchecked((byte)(body[at] + random.Pick([1, -1, 16, -16])));
                break;
            case 3:
                body.InsertRange(at, random.Bytes(1 + random.Next(8)));
                break;
            case 4:
                body.RemoveRange(at, piece);
                break;
            case 5:
                body.InsertRange(random.Next(body.Count + 1), body.GetRange(at, piece));
                break;
            case 6:
                body.RemoveRange(at, body.Count - at);
                break;
            case 7 when other.Length > 0:
                var from = random.Next(other.Length);
                body.InsertRange(
                    at,
                    other
                        .AsSpan(from, Math.Min(other.Length - from, 1 + random.Next(LargestPiece)))
                        .ToArray()
                );
                break;
            case 8 or 9:
                ReplaceToken(random, body, at);
                break;
            case 10:
                Nest(random, body, at);
                break;
            default:
                body.InsertRange(at, random.Pick(Tokens));
                break;
        }
    }

    // What stands between two marks of punctuation.
    private static void ReplaceToken(FuzzRandom random, List<byte> body, int at)
    {
        var begin = at;
        while (begin > 0 && !IsPunctuation(body[begin - 1]))
            begin--;
        var end = at;
        while (end < body.Count && !IsPunctuation(body[end]))
            end++;
        body.RemoveRange(begin, end - begin);
        body.InsertRange(begin, random.Pick(Tokens));
    }

    private static void Nest(FuzzRandom random, List<byte> body, int at)
    {
        var depth = random.Pick([1, 2, 60, 98, 101, 300]);
        body.InsertRange(at, Enumerable.Repeat((byte)random.Pick("[{(]}"u8.ToArray()), depth));
    }

    private static bool IsPunctuation(byte b) =>
        b is (byte)',' or (byte)':' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}';
}
