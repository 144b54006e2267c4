using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Limits;

public sealed class LimitGrainTests
{
    private const string Subject = "key/shop";

    private static readonly TestSilo[] TwoSilos =
    [
        new("gateway", ["cpu:0"]),
        new("gateway", ["cpu:0"]),
    ];

    private static CancellationToken Cancel => GrainCluster.Cancel;

    private static ILimitGrain Grain(GrainCluster cluster) =>
        cluster.Grains.GetGrain<ILimitGrain>(Subject);

    /// <summary>What the gateway of one silo does, over that silo's own grain factory.</summary>
    private static LimitRegistry Gateway(GrainCluster cluster, int silo) =>
        new(
            new Source(
                (IGrainFactory)
                    cluster.Inner.Silos[silo].ServiceProvider.GetService(typeof(IGrainFactory))!
            ),
            Options.Create(new LimitOptions()),
            cluster.Time
        );

    private static async Task<LimitVerdict> CallAsync(LimitRegistry silo, LimitPolicy policy) =>
        await silo.AdmitAsync(silo.OfKey("shop", policy, 1)!, 0, Cancel);

    /// <summary>Both renew for some seconds: then each has its share.</summary>
    private static async Task ShareAsync(
        GrainCluster cluster,
        LimitPolicy policy,
        params LimitRegistry[] silos
    )
    {
        for (var round = 0; round < 4; round++)
        {
            foreach (var silo in silos)
                await silo.OfKey("shop", policy, 1)!.RenewAsync(0, 0, Cancel);
            cluster.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Two_silos_together_let_through_what_one_alone_would()
    {
        await using var cluster = await GrainCluster.StartAsync(null, TwoSilos);
        using var a = Gateway(cluster, 0);
        using var b = Gateway(cluster, 1);
        var policy = new LimitPolicy { RequestsPerSecond = 10, RequestBurst = 10 };
        await ShareAsync(cluster, policy, a, b);
        var (countA, countB) = (0, 0);

        for (var tenth = 0; tenth < 200; tenth++)
        {
            cluster.Time.Advance(TimeSpan.FromSeconds(0.1));
            countA += (await CallAsync(a, policy)).IsAdmitted ? 1 : 0;
            countB += (await CallAsync(b, policy)).IsAdmitted ? 1 : 0;
            if (tenth % 10 != 9)
                continue;
            await a.TendAsync(Fail, Cancel);
            await b.TendAsync(Fail, Cancel);
        }

        // 20 s at 10, a burst, and one a silo.
        Assert.InRange(countA + countB, 190, 212);
        Assert.InRange(countA, 80, 130);
    }

    [Fact]
    public async Task A_quota_survives_the_activation_and_a_killed_silo_and_is_never_passed()
    {
        await using var cluster = await GrainCluster.StartAsync(null, TwoSilos);
        var a = Gateway(cluster, 0);
        using var b = Gateway(cluster, 1);
        var policy = new LimitPolicy { RequestsPerDay = 60 };
        await ShareAsync(cluster, policy, a, b);
        var count = 0;
        for (var i = 0; i < 12; i++)
        {
            count += (await CallAsync(a, policy)).IsAdmitted ? 1 : 0;
            count += (await CallAsync(b, policy)).IsAdmitted ? 1 : 0;
            if (i % 4 == 3)
                await cluster.DeactivateAsync(Grain(cluster));
        }
        Assert.Equal(24, count);

        // Killed: it tells nothing and gives nothing back.
        a.Dispose();
        await cluster.Inner.KillSiloAsync(cluster.Inner.Silos[0], Cancel);
        for (var i = 0; i < 60; i++)
            count += (await GrainCluster.RetryAsync(() => CallAsync(b, policy))).IsAdmitted ? 1 : 0;

        Assert.InRange(count, 36, 60);
        var refused = await CallAsync(b, policy);
        Assert.Equal(LimitCause.Exhausted, refused.Cause);
        var usage = await Grain(cluster).GetUsageAsync(Cancel);
        Assert.True(usage.Today.Requests + usage.Holdings.Sum(h => h.Requests) <= 60);
    }

    [Fact]
    public async Task What_is_used_without_a_quota_is_counted_in_the_flush_time()
    {
        await using var cluster = await GrainCluster.StartAsync();
        using var silo = Gateway(cluster, 0);
        var policy = new LimitPolicy();
        for (var i = 0; i < 5; i++)
            Assert.True((await CallAsync(silo, policy)).IsAdmitted);
        await silo.AdmitRowsAsync(silo.OfKey("shop", policy, 1)!, 30, Cancel);

        cluster.Time.Advance(TimeSpan.FromSeconds(9));
        await silo.TendAsync(Fail, Cancel);
        cluster.Time.Advance(TimeSpan.FromSeconds(2));
        await silo.TendAsync(Fail, Cancel);
        await cluster.DeactivateAsync(Grain(cluster));

        var usage = await Grain(cluster).GetUsageAsync(Cancel);
        Assert.Equal(5, usage.Today.Requests);
        Assert.Equal(30, usage.Today.Rows);
        Assert.Equal(5, usage.Month.Requests);
    }

    [Fact]
    public async Task A_failed_write_grants_nothing_and_the_repeated_report_counts_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        using var silo = Gateway(cluster, 0);
        var policy = new LimitPolicy { RequestsPerDay = 10 };
        Assert.True((await CallAsync(silo, policy)).IsAdmitted);
        cluster.Faults.Down = true;
        cluster.Time.Advance(TimeSpan.FromSeconds(11));
        var failed = 0;
        await silo.TendAsync((_, _) => failed++, Cancel);
        Assert.Equal(1, failed);

        cluster.Faults.Down = false;
        // The activation that could not write is leaving, and refuses with the old error what reaches it meanwhile.
        for (var i = 0; failed > 0 && i < 100; i++)
        {
            failed = 0;
            await silo.TendAsync((_, _) => failed++, Cancel);
        }
        Assert.Equal(0, failed);
        await silo.ReleaseAsync(Fail, Cancel);

        var usage = await Grain(cluster).GetUsageAsync(Cancel);
        Assert.Equal(1, usage.Today.Requests);
        Assert.Equal(0, usage.Holdings.Sum(h => h.Requests));
    }

    private static void Fail(string subject, Exception error) => Assert.Fail($"{subject}: {error}");

    private sealed class Source(IGrainFactory grains) : ILimitSource
    {
        public Task<LimitLease> RenewAsync(
            string subject,
            LimitRenewal renewal,
            CancellationToken cancellationToken
        ) => grains.GetGrain<ILimitGrain>(subject).RenewAsync(renewal, cancellationToken);
    }
}
