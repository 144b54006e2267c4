using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving;

/// <summary>A way in which bodies are compressed: <c>gzip</c>, or HTTP's <c>deflate</c>, which is the zlib format.</summary>
internal sealed class ContentCoding
{
    private static readonly ContentCoding Gzip = new(
        "gzip",
        static s => new GZipStream(s, CompressionMode.Decompress),
        static s => new GZipStream(s, CompressionLevel.Fastest, leaveOpen: true)
    );

    private static readonly ContentCoding Deflate = new(
        "deflate",
        static s => new ZLibStream(s, CompressionMode.Decompress),
        static s => new ZLibStream(s, CompressionLevel.Fastest, leaveOpen: true)
    );

    private readonly Func<Stream, Stream> _inflate;
    private readonly Func<Stream, Stream> _deflate;

    private ContentCoding(string name, Func<Stream, Stream> inflate, Func<Stream, Stream> deflate)
    {
        Name = name;
        _inflate = inflate;
        _deflate = deflate;
    }

    /// <summary>Its name in HTTP.</summary>
    public string Name { get; }

    /// <summary>The coding of a Content-Encoding; null: none that is taken.</summary>
    public static ContentCoding? Find(string name) =>
        name.Trim().ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => Gzip,
            "deflate" => Deflate,
            _ => null,
        };

    /// <summary>The coding that an Accept-Encoding asks for most; null: none, or none that is given.</summary>
    public static ContentCoding? Choose(StringValues accepted)
    {
        if (
            accepted.Count == 0
            || !StringWithQualityHeaderValue.TryParseList(accepted, out var asked)
        )
            return null;
        ContentCoding? best = null;
        var most = 0.0;
        foreach (var value in asked)
        {
            if (
                (value.Quality ?? 1) > most
                && value.Value.Value is { } name
                && Find(name) is { } coding
            )
                (best, most) = (coding, value.Quality ?? 1);
        }
        return best;
    }

    /// <summary>The error for a coding that is not taken.</summary>
    public static RequestException Unsupported(string name) =>
        new(
            415,
            ErrorCodes.UnsupportedMediaType,
            $"The content encoding '{name}' is not taken here: expected gzip, deflate or none."
        );

    /// <summary>Reads compressed bytes.</summary>
    public Stream Inflate(ReadOnlyMemory<byte> bytes) =>
        _inflate(
            MemoryMarshal.TryGetArray(bytes, out var array)
                ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
                : new MemoryStream(bytes.ToArray(), writable: false)
        );

    /// <summary>Writes compressed bytes; the target stays open.</summary>
    public Stream Compress(Stream target) => _deflate(target);
}
