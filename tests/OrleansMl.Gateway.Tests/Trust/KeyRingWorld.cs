using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Tests.Trust;

/// <summary>The keys that all test gateways share, and their copies.</summary>
public sealed class KeyRingWorld
{
    private readonly Lock _gate = new();

    public ApiKeyRing Ring { get; private set; } = new() { Revision = 0, Keys = [] };

    private readonly List<KeyRing> _copies = [];

    public TimeProvider Time { get; } = TimeProvider.System;

    public bool Down { get; set; }

    /// <summary>A gateway's copy, which every change reaches from now on.</summary>
    public void Join(KeyRing copy)
    {
        lock (_gate)
        {
            _copies.Add(copy);
            copy.Apply(Ring, Time.GetTimestamp());
        }
    }

    public ApiKeyOutcome Change(string id, Func<ApiKeyCredential?, ApiKeyCredential> change)
    {
        lock (_gate)
        {
            var old = Ring.Keys.FirstOrDefault(key => key.Key.Id == id);
            var changed = change(old);
            Ring = new ApiKeyRing
            {
                Revision = Ring.Revision + 1,
                Keys = [.. Ring.Keys.Where(key => key != old), changed],
            };
            foreach (var copy in _copies)
                copy.Apply(Ring, Time.GetTimestamp());
            return new ApiKeyOutcome { Key = changed.Key, Confirmed = ["silo-1"] };
        }
    }
}
