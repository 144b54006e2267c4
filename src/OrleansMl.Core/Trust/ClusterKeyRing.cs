using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Trust;

/// <summary>This silo's copy of the cluster's keys: calls read it without a lock, a reading of the database replaces it. Thread-safe.</summary>
public sealed class ClusterKeyRing(TimeProvider time, IOptions<ClusterTokenOptions> options)
{
    private readonly TimeSpan _delay = options.Value.ActivationDelay;
    private Copy? _copy;

    /// <summary>Whether keys were read.</summary>
    public bool IsLoaded => Volatile.Read(ref _copy) is not null;

    /// <summary>Grows when the keys are others than before.</summary>
    public int Generation => Volatile.Read(ref _copy)?.Generation ?? 0;

    /// <summary>What this silo shows to the others; null before the keys were read.</summary>
    public string? Proof => Volatile.Read(ref _copy)?.Active.Proof;

    /// <summary>The key that signs.</summary>
    public ClusterKeyMaterial? Active => Volatile.Read(ref _copy)?.Active;

    /// <summary>The keys, newest first.</summary>
    public IReadOnlyList<ClusterKeyMaterial> Keys => Volatile.Read(ref _copy)?.Keys ?? [];

    /// <summary>Takes the keys, newest first. A new key signs only when every silo has had the time to read it; the first one at once.</summary>
    public void Apply(IReadOnlyList<ClusterKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0)
            return;
        var before = Volatile.Read(ref _copy);
        var known = before?.Keys.ToDictionary(key => key.Proof) ?? [];
        var materials = keys.Select(key => new ClusterKeyMaterial(key))
            .Select(key => known.GetValueOrDefault(key.Proof) ?? key)
            .ToList();
        var ready = time.GetUtcNow() - _delay;
        var active = materials.FirstOrDefault(key => key.CreatedAt <= ready) ?? materials[^1];
        if (before is not null && before.Active == active && before.Keys.SequenceEqual(materials))
            return;
        Volatile.Write(
            ref _copy,
            new Copy(
                (before?.Generation ?? 0) + 1,
                materials,
                active,
                materials.ToFrozenDictionary(key => key.Id)
            )
        );
    }

    /// <summary>A key by its id.</summary>
    public ClusterKeyMaterial? Find(string id) =>
        Volatile.Read(ref _copy)?.ById.GetValueOrDefault(id);

    /// <summary>Whether a call shows that it comes from a silo.</summary>
    public bool IsProof(object? shown)
    {
        if (shown is not string text || Volatile.Read(ref _copy) is not { } copy)
            return false;
        // A call within this process shows the very object.
        if (ReferenceEquals(text, copy.Active.Proof))
            return true;
        var bytes = MemoryMarshal.AsBytes(text.AsSpan());
        foreach (var key in copy.Keys)
        {
            if (
                CryptographicOperations.FixedTimeEquals(
                    bytes,
                    MemoryMarshal.AsBytes(key.Proof.AsSpan())
                )
            )
                return true;
        }
        return false;
    }

    private sealed record Copy(
        int Generation,
        IReadOnlyList<ClusterKeyMaterial> Keys,
        ClusterKeyMaterial Active,
        FrozenDictionary<string, ClusterKeyMaterial> ById
    );
}
