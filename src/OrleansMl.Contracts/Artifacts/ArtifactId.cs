using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Artifacts;

/// <summary>Names immutable bytes by their SHA-256: 64 lower-case hexadecimal digits.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ArtifactId")]
[JsonConverter(typeof(ParsableJsonConverter<ArtifactId>))]
public readonly record struct ArtifactId : IParsable<ArtifactId>
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private ArtifactId(string hex) => Hex = hex;

    /// <summary>The 64 lower-case hexadecimal digits.</summary>
    [Id(0)]
    public string Hex { get; }

    /// <summary>The id of a digest of 32 bytes.</summary>
    /// <exception cref="ArgumentException">The digest is not 32 bytes long.</exception>
    public static ArtifactId FromDigest(ReadOnlySpan<byte> sha256) =>
        sha256.Length == SHA256.HashSizeInBytes
            ? new ArtifactId(Convert.ToHexStringLower(sha256))
            : throw new ArgumentException(
                $"A SHA-256 digest has 32 bytes, got {sha256.Length}.",
                nameof(sha256)
            );

    /// <summary>The id of these bytes.</summary>
    public static ArtifactId Of(ReadOnlySpan<byte> content) => FromDigest(SHA256.HashData(content));

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static ArtifactId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException(
                $"'{s}' is not an artifact id: expected 64 lower-case hexadecimal digits."
            );

    /// <summary>Reads 64 lower-case hexadecimal digits; false when the text is something else.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        out ArtifactId result
    )
    {
        result = default;
        if (s?.Length != 64 || s.AsSpan().ContainsAnyExcept(HexDigits))
            return false;
        result = new ArtifactId(s);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Hex;
}
