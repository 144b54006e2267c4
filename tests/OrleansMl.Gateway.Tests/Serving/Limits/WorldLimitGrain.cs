using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Gateway.Tests.Serving.Limits;

/// <summary>A limit in memory, by the rules of Core.</summary>
internal sealed class WorldLimitGrain : Grain, ILimitGrain
{
    private static readonly TimeProvider Time = TimeProvider.System;
    private readonly LimitShares _shares = new(
        10 * Time.TimestampFrequency,
        1_000_000 * Time.TimestampFrequency,
        [],
        0,
        Time.GetTimestamp(),
        Time.TimestampFrequency
    );
    private UsageLedger _ledger = new();

    public Task<LimitLease> RenewAsync(LimitRenewal renewal, CancellationToken cancellationToken)
    {
        UsageGrant? grant = null;
        if (renewal.Report is { } report)
            (_ledger, grant) = UsageLedgers.Apply(
                _ledger,
                report,
                renewal.Policy,
                Time.GetUtcNow(),
                TimeSpan.FromMinutes(2)
            );
        var now = Time.GetTimestamp();
        if (renewal.Release)
        {
            _shares.Release(renewal.Instance, now);
            return Task.FromResult(new LimitLease { Grant = grant });
        }
        var (number, share, idle) = _shares.Renew(
            renewal.Instance,
            renewal.Held,
            renewal.Share,
            renewal.Demand,
            now
        );
        return Task.FromResult(
            new LimitLease
            {
                Number = number,
                Share = share,
                IdleSeconds = idle,
                Seconds = 10,
                Grant = grant,
            }
        );
    }

    public Task<UsageLedger> GetUsageAsync(CancellationToken cancellationToken) =>
        Task.FromResult(UsageLedgers.Roll(_ledger, Time.GetUtcNow()));
}
