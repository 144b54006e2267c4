using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Trust;

/// <summary>The keys of the configuration, as digests: administrators' keys that need no cluster state. Compares in constant time.</summary>
internal sealed class ConfiguredKeys(IOptions<SecurityOptions> options)
{
    private readonly (Caller Caller, byte[] Digest)[] _keys =
    [
        .. options.Value.ApiKeys.Select(entry =>
            TryParse(entry, out var key)
                ? (new Caller(key.Name, RolePermissions.All, ModelPatterns.Any), key.Digest)
                : throw new OptionsValidationException(
                    SecurityOptions.Section,
                    typeof(SecurityOptions),
                    ["A key's digest is malformed."]
                )
        ),
    ];

    /// <summary>The caller who holds the key with this digest, or null when it is none of ours.</summary>
    public Caller? Find(ReadOnlySpan<byte> digest)
    {
        Caller? found = null;
        foreach (var (caller, known) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, known))
                found = caller;
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
