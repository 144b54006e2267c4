using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>This silo's copy of the API keys: an immutable table that requests read without a lock and changes replace. Thread-safe.</summary>
public sealed class KeyRing(TimeProvider time, IOptions<KeyRingOptions> options)
{
    private readonly TimeSpan _stale = TimeSpan.FromSeconds(options.Value.StaleSeconds);
    private readonly Lock _gate = new();
    private Copy _copy = new(
        -1,
        0,
        FrozenDictionary<UInt128, KeyRingEntry>.Empty,
        FrozenSet<string>.Empty
    );

    /// <summary>The revision of the copy; -1 before the first.</summary>
    public long Revision => Volatile.Read(ref _copy).Revision;

    /// <summary>Whether the copy is too old to be believed, or there is none.</summary>
    public bool IsStale
    {
        get
        {
            var copy = Volatile.Read(ref _copy);
            return copy.Revision < 0 || time.GetElapsedTime(copy.ReadAt) > _stale;
        }
    }

    /// <summary>Takes a copy that was asked for at <paramref name="readAt"/> (a timestamp of the clock); an older revision than the known one is passed over.</summary>
    public void Apply(ApiKeyRing ring, long readAt)
    {
        ArgumentNullException.ThrowIfNull(ring);
        lock (_gate)
        {
            var now = _copy;
            if (ring.Revision < now.Revision)
                return;
            if (ring.Revision == now.Revision)
            {
                if (readAt > now.ReadAt)
                    Volatile.Write(ref _copy, now with { ReadAt = readAt });
                return;
            }
            Volatile.Write(
                ref _copy,
                new Copy(
                    ring.Revision,
                    readAt,
                    Index(ring),
                    ring.Keys.Where(key => key.Key.RevokedAt is not null)
                        .Select(key => key.Key.Id)
                        .ToFrozenSet()
                )
            );
        }
    }

    /// <summary>The entry of a secret with this SHA-256, or null.</summary>
    public KeyRingEntry? Find(ReadOnlySpan<byte> digest)
    {
        var keys = Volatile.Read(ref _copy).Keys;
        // The table is found by half of the digest, which tells an attacker nothing of a secret; the whole is compared in constant time.
        return
            keys.TryGetValue(BinaryPrimitives.ReadUInt128BigEndian(digest), out var entry)
            && CryptographicOperations.FixedTimeEquals(entry.Digest.Span, digest)
            ? entry
            : null;
    }

    /// <summary>Whether the key with this id was revoked, as this copy knows.</summary>
    public bool IsRevoked(string id) => Volatile.Read(ref _copy).Revoked.Contains(id);

    private static FrozenDictionary<UInt128, KeyRingEntry> Index(ApiKeyRing ring)
    {
        var entries = new Dictionary<UInt128, KeyRingEntry>();
        foreach (var credential in ring.Keys)
        {
            Add(credential.Key, credential.Digest, credential.Key.ExpiresAt);
            if (credential.PreviousDigest is { } previous)
                Add(
                    credential.Key,
                    previous,
                    credential.Key.ExpiresAt < credential.Key.PreviousUntil
                        ? credential.Key.ExpiresAt
                        : credential.Key.PreviousUntil
                );
        }
        return entries.ToFrozenDictionary();

        void Add(ApiKeySnapshot key, string hex, DateTimeOffset? until)
        {
            var digest = Convert.FromHexString(hex);
            entries[BinaryPrimitives.ReadUInt128BigEndian(digest)] = new KeyRingEntry(
                key,
                digest,
                until
            )
            {
                Revision = ring.Revision,
            };
        }
    }

    private sealed record Copy(
        long Revision,
        long ReadAt,
        FrozenDictionary<UInt128, KeyRingEntry> Keys,
        FrozenSet<string> Revoked
    );
}
