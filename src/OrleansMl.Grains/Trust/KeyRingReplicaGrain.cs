using Orleans.Placement;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Trust;

/// <summary>A silo's address for pushed keys.</summary>
[GrainType("key-ring-replica")]
[Immovable]
[OnNamedSilo]
internal sealed class KeyRingReplicaGrain(KeyRing ring, TimeProvider time)
    : Grain,
        IKeyRingReplicaGrain
{
    public Task ApplyAsync(ApiKeyRing keys, CancellationToken cancellationToken)
    {
        ring.Apply(keys, time.GetTimestamp());
        return Task.CompletedTask;
    }
}
