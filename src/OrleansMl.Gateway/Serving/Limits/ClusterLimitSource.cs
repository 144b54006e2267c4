using Orleans;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>Shares of limits from the limits' grains.</summary>
internal sealed class ClusterLimitSource(IGrainFactory grains) : ILimitSource
{
    public Task<LimitLease> RenewAsync(
        string subject,
        LimitRenewal renewal,
        CancellationToken cancellationToken
    ) => grains.GetGrain<ILimitGrain>(subject).RenewAsync(renewal, cancellationToken);
}
