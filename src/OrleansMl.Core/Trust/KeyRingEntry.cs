using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>One secret of one key.</summary>
public sealed class KeyRingEntry
{
    /// <summary>Makes an entry.</summary>
    public KeyRingEntry(ApiKeySnapshot key, ReadOnlyMemory<byte> digest, DateTimeOffset? until)
    {
        ArgumentNullException.ThrowIfNull(key);
        Key = key;
        Digest = digest;
        Until = until;
        Permissions = RolePermissions.Of(key.Roles);
        Models = new ModelPatterns(key.Models);
    }

    /// <summary>The key.</summary>
    public ApiKeySnapshot Key { get; }

    /// <summary>SHA-256 of the key's text.</summary>
    public ReadOnlyMemory<byte> Digest { get; }

    /// <summary>From when on the secret is refused; null: never.</summary>
    public DateTimeOffset? Until { get; }

    /// <summary>What its roles permit.</summary>
    public Permission Permissions { get; }

    /// <summary>The models that it may touch.</summary>
    public ModelPatterns Models { get; }

    /// <summary>The revision of the keys that it is of.</summary>
    public long Revision { get; init; }

    /// <summary>What a reader of the entry keeps beside it, made once: the gateway's caller.</summary>
    public object? Tag { get; set; }
}
