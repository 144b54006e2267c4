using System.Security.Cryptography;
using System.Text;

namespace OrleansMl.Core.Trust;

/// <summary>
/// The text of keys: <c>oml_</c>, an id of 8 characters, <c>_</c>, and 43 characters that hold 256 random bits. As there is
/// nothing to guess in so many bits, a plain SHA-256 keeps them: a slow hash would protect weak secrets, and these are none.
/// </summary>
public static class ApiKeyText
{
    private const string IdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdLength = 8;
    private const int SecretBytes = 32;
    private const int StackBytes = 256;

    /// <summary>A new id.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(IdAlphabet, IdLength);

    /// <summary>A new key text for an id.</summary>
    public static string NewKey(string id) =>
        $"oml_{id}_{System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>The digest that is stored.</summary>
    public static string Digest(string key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(key, digest);
        return Convert.ToHexStringLower(digest);
    }

    /// <summary>Writes SHA-256 of the text's UTF-8, without allocating for texts as long as keys.</summary>
    public static void Hash(ReadOnlySpan<char> key, Span<byte> digest)
    {
        var most = Encoding.UTF8.GetMaxByteCount(key.Length);
        var bytes = most <= StackBytes ? stackalloc byte[StackBytes] : new byte[most];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], digest);
    }
}
