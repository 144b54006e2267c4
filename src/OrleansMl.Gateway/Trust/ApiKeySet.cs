using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace OrleansMl.Gateway.Trust;

/// <summary>The keys taken, as digests. Compares in constant time.</summary>
internal sealed class ApiKeySet(IOptions<SecurityOptions> options)
{
    private readonly (string Name, byte[] Digest)[] _keys =
    [
        .. options.Value.ApiKeys.Select(entry =>
            TryParse(entry, out var key)
                ? key
                : throw new OptionsValidationException(
                    SecurityOptions.Section,
                    typeof(SecurityOptions),
                    ["A key's digest is malformed."]
                )
        ),
    ];

    /// <summary>Whether no key is configured.</summary>
    public bool IsEmpty => _keys.Length == 0;

    /// <summary>The name of the caller who holds the key, or null when it is none of ours.</summary>
    public string? Find(string key)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        string? found = null;
        foreach (var (name, known) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, known))
                found = name;
        }
        return found;
    }

    /// <summary>Reads <c>hex</c> or <c>name:hex</c>.</summary>
    public static bool TryParse(string? entry, out (string Name, byte[] Digest) key)
    {
        key = default;
        var colon = entry?.LastIndexOf(':') ?? -1;
        var hex = entry?[(colon + 1)..];
        if (hex?.Length != SHA256.HashSizeInBytes * 2 || !hex.All(char.IsAsciiHexDigit))
            return false;
        key = (
            colon > 0 ? entry![..colon] : $"key-{hex[..8].ToLowerInvariant()}",
            Convert.FromHexString(hex)
        );
        return true;
    }
}
