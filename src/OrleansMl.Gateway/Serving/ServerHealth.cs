using System.Runtime.CompilerServices;
using Orleans.Runtime;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Serving;

/// <summary>Whether this silo is an active member of its cluster.</summary>
internal sealed class ServerHealth(IClusterMembershipService membership, ILocalSiloDetails silo)
{
    /// <summary>What the cluster takes it for.</summary>
    public SiloStatus Status => membership.CurrentSnapshot.GetSiloStatus(silo.SiloAddress);

    /// <summary>Throws unless it is active.</summary>
    /// <exception cref="UnavailableException">It is not yet, or no longer.</exception>
    public void RequireReady()
    {
        if (Status is not SiloStatus.Active and var status)
            throw new UnavailableException($"This silo is {status}, not yet or no longer Active.");
    }

    /// <summary>The status now and after each change of the cluster.</summary>
    public async IAsyncEnumerable<SiloStatus> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (
            var snapshot in membership.MembershipUpdates.WithCancellation(cancellationToken)
        )
            yield return snapshot.GetSiloStatus(silo.SiloAddress);
    }
}
