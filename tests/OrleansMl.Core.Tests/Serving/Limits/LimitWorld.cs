using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

/// <summary>A cluster of silos that share limits, on one fake clock, with the rules of the limits' grain.</summary>
internal sealed class LimitWorld : ILimitSource, IDisposable
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(80);
    private readonly Dictionary<string, LimitShares> _shares = [];
    private readonly List<LimitRegistry> _silos = [];

    public FakeTimeProvider Time { get; } =
        new(new DateTimeOffset(2026, 1, 30, 12, 0, 0, TimeSpan.Zero));

    public LimitOptions Options { get; } = new();

    public Dictionary<string, UsageLedger> Ledgers { get; } = [];

    /// <summary>Whether the cluster can be asked.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether it does what it is asked and its answers get lost.</summary>
    public bool LosesAnswers { get; set; }

    public int Asked { get; private set; }

    public LimitRegistry AddSilo()
    {
        var silo = new LimitRegistry(
            this,
            Microsoft.Extensions.Options.Options.Create(Options),
            Time
        );
        _silos.Add(silo);
        return silo;
    }

    public Task<LimitLease> RenewAsync(
        string subject,
        LimitRenewal renewal,
        CancellationToken cancellationToken
    )
    {
        if (IsDown)
            throw new UnavailableException("The cluster is away.");
        Asked++;
        UsageGrant? grant = null;
        if (renewal.Report is { } report)
        {
            (var ledger, grant) = UsageLedgers.Apply(
                Ledgers.GetValueOrDefault(subject, new UsageLedger()),
                report,
                renewal.Policy,
                Time.GetUtcNow(),
                LostAfter
            );
            Ledgers[subject] = ledger;
        }
        var now = Time.GetTimestamp();
        if (!_shares.TryGetValue(subject, out var shares))
            _shares[subject] = shares = new LimitShares(
                (long)(Options.LeaseSeconds * Time.TimestampFrequency),
                1_000_000 * Time.TimestampFrequency,
                [],
                0,
                now,
                Time.TimestampFrequency
            );
        LimitLease lease;
        if (renewal.Release)
        {
            shares.Release(renewal.Instance, now);
            lease = new LimitLease { Grant = grant };
        }
        else
        {
            var (number, share, idle) = shares.Renew(
                renewal.Instance,
                renewal.Held,
                renewal.Share,
                renewal.Demand,
                now
            );
            lease = new LimitLease
            {
                Number = number,
                Share = share,
                IdleSeconds = idle,
                Seconds = Options.LeaseSeconds,
                Grant = grant,
            };
        }
        return LosesAnswers
            ? throw new TimeoutException("The answer was lost.")
            : Task.FromResult(lease);
    }

    /// <summary>Lets the clock go on, and every silo renew each second.</summary>
    public async Task PassAsync(TimeSpan time, Func<Task>? each = null)
    {
        var step = TimeSpan.FromSeconds(0.1);
        for (var passed = step; passed <= time; passed += step)
        {
            Time.Advance(step);
            if (each is not null)
                await each();
            if (Math.Round(passed.TotalSeconds, 3) % Options.RenewSeconds == 0)
                await TendAsync();
        }
    }

    public async Task TendAsync()
    {
        foreach (var silo in _silos)
            await silo.TendAsync((_, _) => { }, CancellationToken.None);
    }

    /// <summary>Gives each of the silos its share: what the first holds whole at the beginning it gives up in some renewals.</summary>
    public async Task ShareAsync(LimitPolicy policy)
    {
        for (var round = 0; round < 4; round++)
        {
            foreach (var silo in _silos)
                await silo.OfKey("k", policy, 1)!.RenewAsync(0, 0, CancellationToken.None);
            Time.Advance(TimeSpan.FromSeconds(Options.RenewSeconds));
        }
    }

    public void Kill(LimitRegistry silo) => _silos.Remove(silo);

    public void Dispose()
    {
        foreach (var silo in _silos)
            silo.Dispose();
    }
}
