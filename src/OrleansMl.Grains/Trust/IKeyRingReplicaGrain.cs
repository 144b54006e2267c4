using OrleansMl.Contracts.Trust;

namespace OrleansMl.Grains.Trust;

/// <summary>The keys' copy of one silo, whose name is the key.</summary>
[Alias("oml.IKeyRingReplicaGrain")]
internal interface IKeyRingReplicaGrain : IGrainWithStringKey
{
    /// <summary>Takes the keys; when this returns, the silo acts by them.</summary>
    [Alias("Apply")]
    Task ApplyAsync(ApiKeyRing ring, CancellationToken cancellationToken);
}
