using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Limits;

/// <summary>
/// The limit of one key or model. Shares are in memory: after a failover the counts, which are durable, tell which silos may hold
/// some, and these say how large theirs are when they renew.
/// </summary>
[GrainType("limit")]
internal sealed class LimitGrain(
    [PersistentState("limit", GrainStorageNames.Default)] IPersistentState<LimitState> state,
    TimeProvider time,
    IOptions<LimitOptions> options,
    ILogger<LimitGrain> logger
) : Grain, ILimitGrain
{
    // Longer than any renewal may take, so that no silo is taken for lost that isn't.
    private static readonly TimeSpan LostMargin = TimeSpan.FromMinutes(1);

    // Nobody ever used it: every bucket is full.
    private static readonly TimeSpan EverIdle = TimeSpan.FromDays(365);
    private DurableState<LimitState>? _state;
    private LimitShares? _shares;

    private DurableState<LimitState> State =>
        _state ??= new DurableState<LimitState>(state, GrainContext, logger);

    // A silo that still holds a share has reported within so long.
    private TimeSpan Silence =>
        TimeSpan.FromSeconds(options.Value.FlushSeconds + options.Value.LeaseSeconds);

    public async Task<LimitLease> RenewAsync(
        LimitRenewal renewal,
        CancellationToken cancellationToken
    )
    {
        // Before the report changes what is known of the silos.
        var shares = _shares ??= Begin();
        var grant = renewal.Report is { } report ? await ReportAsync(renewal, report) : null;
        var now = time.GetTimestamp();
        if (renewal.Release)
        {
            shares.Release(renewal.Instance, now);
            return new LimitLease { Grant = grant };
        }
        var (number, share, idle) = shares.Renew(
            renewal.Instance,
            renewal.Held,
            renewal.Share,
            renewal.Demand,
            now
        );
        return new LimitLease
        {
            Number = number,
            Share = share,
            IdleSeconds = idle,
            Seconds = options.Value.LeaseSeconds,
            Grant = grant,
        };
    }

    public Task<UsageLedger> GetUsageAsync(CancellationToken cancellationToken) =>
        Task.FromResult(UsageLedgers.Roll(State.Current.Ledger, time.GetUtcNow()));

    private async Task<UsageGrant> ReportAsync(LimitRenewal renewal, UsageReport report)
    {
        var ledger = State.Current.Ledger;
        // Silos hear of a change one after the other; the newest counts.
        var isNew = renewal.Revision >= ledger.Revision;
        var (next, grant) = UsageLedgers.Apply(
            ledger,
            report,
            isNew ? renewal.Policy : ledger.Policy,
            time.GetUtcNow(),
            Silence + LostMargin
        );
        if (ReferenceEquals(next, ledger))
            return grant;
        if (isNew)
            next = next with { Revision = renewal.Revision, Policy = renewal.Policy };
        if (renewal.Release)
            next = next with
            {
                Holdings =
                [
                    .. next.Holdings.Select(held =>
                        held.Instance == report.Instance ? held with { IsReleased = true } : held
                    ),
                ],
            };
        await State.CommitAsync(new LimitState { Ledger = next });
        return grant;
    }

    private LimitShares Begin()
    {
        var now = time.GetUtcNow();
        var holdings = State.Current.Ledger.Holdings;
        var idle =
            holdings.Count == 0 ? EverIdle : now - holdings.Max(held => held.SeenAt) - Silence;
        return new LimitShares(
            Ticks(TimeSpan.FromSeconds(options.Value.LeaseSeconds)),
            Ticks(idle < TimeSpan.Zero ? TimeSpan.Zero : idle),
            holdings
                .Where(held => !held.IsReleased && held.SeenAt + Silence > now)
                .Select(held => held.Instance),
            // Above every number of an activation before, as long as the clock is not set back.
            now.UtcTicks,
            time.GetTimestamp(),
            time.TimestampFrequency
        );
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
