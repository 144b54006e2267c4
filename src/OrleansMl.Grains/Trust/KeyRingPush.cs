using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Trust;

namespace OrleansMl.Grains.Trust;

/// <summary>Brings changed keys to every silo of the cluster and says which confirmed.</summary>
internal sealed partial class KeyRingPush(
    IGrainFactory grains,
    IClusterMembershipService membership,
    ISiloMetadataCache metadata,
    TimeProvider time,
    IOptions<KeyRingOptions> options,
    ILogger<KeyRingPush> logger
)
{
    public async Task<(
        IReadOnlyList<string> Confirmed,
        IReadOnlyList<string> Unconfirmed
    )> SendAsync(ApiKeyRing ring)
    {
        using var patience = new CancellationTokenSource(
            TimeSpan.FromSeconds(options.Value.ConfirmSeconds),
            time
        );
        // Silos that are joining or leaving count: they may answer requests already or still.
        var silos = membership
            .CurrentSnapshot.Members.Values.Where(member =>
                member.Status is SiloStatus.Joining or SiloStatus.Active or SiloStatus.ShuttingDown
            )
            .Select(member =>
                metadata
                    .GetSiloMetadata(member.SiloAddress)
                    .Metadata.GetValueOrDefault(SiloMetadataKeys.Name, member.Name)
            )
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        var answers = await Task.WhenAll(
            silos.Select(silo => SendAsync(silo, ring, patience.Token))
        );
        return (
            [.. silos.Where((_, index) => answers[index])],
            [.. silos.Where((_, index) => !answers[index])]
        );
    }

    private async Task<bool> SendAsync(
        string silo,
        ApiKeyRing ring,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await grains
                .GetGrain<IKeyRingReplicaGrain>(silo)
                .ApplyAsync(ring, cancellationToken)
                .WaitAsync(cancellationToken);
            return true;
        }
        catch (Exception error)
        {
            // The change is durable; the answer names this silo as one that has not confirmed.
            LogUnconfirmed(silo, ring.Revision, error);
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Silo {Silo} did not confirm revision {Revision} of the API keys; it follows within its refresh time."
    )]
    private partial void LogUnconfirmed(string silo, long revision, Exception error);
}
