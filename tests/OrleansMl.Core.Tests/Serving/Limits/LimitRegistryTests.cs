using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

public sealed class LimitRegistryTests
{
    private static readonly LimitPolicy TenASecond = new()
    {
        RequestsPerSecond = 10,
        RequestBurst = 20,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<bool> CallAsync(LimitRegistry silo, LimitPolicy policy) =>
        (await silo.AdmitAsync(silo.OfKey("k", policy, 1)!, 0, CancellationToken.None)).IsAdmitted;

    [Fact]
    public void The_silos_together_let_no_more_through_than_rate_and_burst_and_one_request_a_silo() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 60].Array[4, 60])
            .Sample(
                (count, loads) =>
                {
                    using var world = new LimitWorld();
                    var silos = Enumerable.Range(0, count).Select(_ => world.AddSilo()).ToArray();
                    var admitted = new List<double>();
                    var started = world.Time.GetUtcNow();
                    RunAsync().GetAwaiter().GetResult();
                    for (var from = 0; from < admitted.Count; from++)
                    {
                        for (var to = from; to < admitted.Count; to++)
                        {
                            var most = 20 + (10 * (admitted[to] - admitted[from])) + count;
                            if (to - from + 1 > most + 1e-6)
                                return false;
                        }
                    }
                    return true;

                    async Task RunAsync()
                    {
                        // Silos come into use one after the other, each with a load of its own that changes.
                        for (var i = 0; i < loads.Length; i++)
                        {
                            world.Time.Advance(TimeSpan.FromSeconds(0.25));
                            if (i % 4 == 0)
                                await world.TendAsync();
                            var silo = silos[Math.Min(count - 1, i / 8 % (count + 1))];
                            var limits = silo.OfKey("k", TenASecond, 1)!;
                            for (var call = 0; call < loads[i]; call++)
                            {
                                var verdict = limits.TryAdmit(0);
                                if (verdict.Cause == LimitCause.Share)
                                {
                                    await limits.RenewAsync(1, 0, CancellationToken.None);
                                    verdict = limits.TryAdmit(0);
                                }
                                if (verdict.IsAdmitted)
                                    admitted.Add((world.Time.GetUtcNow() - started).TotalSeconds);
                            }
                        }
                    }
                },
                iter: 200
            );

    [Fact]
    public async Task A_limit_is_used_in_full_and_shared_fairly_between_busy_silos()
    {
        using var world = new LimitWorld();
        var silos = new[] { world.AddSilo(), world.AddSilo() };
        var counts = new int[2];
        await world.ShareAsync(TenASecond);
        await world.PassAsync(TimeSpan.FromSeconds(5), OfferAsync);

        Array.Clear(counts);
        await world.PassAsync(TimeSpan.FromSeconds(60), OfferAsync);

        Assert.InRange(counts.Sum(), 580, 602);
        Assert.InRange(counts[0], 280, 320);

        Task OfferAsync()
        {
            for (var i = 0; i < 2; i++)
            {
                var limits = silos[i].OfKey("k", TenASecond, 1)!;
                for (var call = 0; call < 3; call++)
                    counts[i] += limits.TryAdmit(0).IsAdmitted ? 1 : 0;
            }
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task What_one_silo_does_not_need_another_gets()
    {
        using var world = new LimitWorld();
        var (busy, quiet) = (world.AddSilo(), world.AddSilo());
        await world.ShareAsync(TenASecond);
        var count = 0;
        var tenths = 0;
        await world.PassAsync(
            TimeSpan.FromSeconds(30),
            () =>
            {
                // One a second here, all that there is there.
                if (tenths++ % 10 == 0)
                    quiet.OfKey("k", TenASecond, 1)!.TryAdmit(0);
                for (var call = 0; call < 3; call++)
                    count += busy.OfKey("k", TenASecond, 1)!.TryAdmit(0).IsAdmitted ? 1 : 0;
                return Task.CompletedTask;
            }
        );

        Assert.True(count > 250, $"{count} of some 290 were let through.");
    }

    [Fact]
    public async Task Without_the_cluster_a_silo_goes_on_by_its_share_until_the_lease_ends_and_then_refuses()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        Assert.True(await CallAsync(silo, TenASecond));

        world.IsDown = true;
        await world.PassAsync(TimeSpan.FromSeconds(9));
        Assert.True(await CallAsync(silo, TenASecond));
        await world.PassAsync(TimeSpan.FromSeconds(2));

        var error = await Assert.ThrowsAsync<UnavailableException>(() =>
            CallAsync(silo, TenASecond)
        );
        Assert.True(error.RetryAfter > TimeSpan.Zero);
        world.IsDown = false;
        Assert.True(await CallAsync(silo, TenASecond));
    }

    [Fact]
    public async Task An_idle_share_is_given_back_and_its_burst_comes_back_only_as_fast_as_the_rate()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        var slow = new LimitPolicy { RequestsPerSecond = 0.1, RequestBurst = 5 };
        for (var i = 0; i < 5; i++)
            Assert.True(await CallAsync(silo, slow));
        Assert.False(await CallAsync(silo, slow));

        await world.PassAsync(TimeSpan.FromSeconds(15));
        var asked = world.Asked;
        await world.PassAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(asked, world.Asked);
        var again = 0;
        for (var i = 0; i < 5; i++)
            again += await CallAsync(silo, slow) ? 1 : 0;
        Assert.InRange(again, 1, 3);
    }

    [Fact]
    public async Task A_changed_limit_holds_at_once_and_an_older_one_is_passed_over()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        for (var i = 0; i < 20; i++)
            Assert.True(await CallAsync(silo, TenASecond));
        var limits = silo.OfKey("k", TenASecond, 1)!;
        Assert.False(limits.TryAdmit(0).IsAdmitted);

        silo.OfKey("k", new LimitPolicy { BytesPerSecond = 100 }, 2);

        Assert.True(limits.TryAdmit(100).IsAdmitted);
        Assert.Equal(LimitCause.Bytes, limits.TryAdmit(1).Cause);
        Assert.Equal(LimitCause.TooManyBytes, limits.TryAdmit(101).Cause);
        silo.OfKey("k", TenASecond, 1);
        Assert.Equal(100, limits.Policy.BytesPerSecond);
    }

    [Fact]
    public async Task Rows_have_a_rate_and_a_request_with_more_than_the_burst_is_told_so()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        var limits = silo.OfKey("k", new LimitPolicy { RowsPerSecond = 10, RowBurst = 30 }, 1)!;
        await silo.AdmitAsync(limits, 0, Cancel);

        Assert.True(limits.TryRows(30).IsAdmitted);
        var refused = limits.TryRows(5);
        Assert.Equal(LimitCause.Rows, refused.Cause);
        Assert.Equal(0.5, refused.RetryAfter.TotalSeconds, 3);
        Assert.Equal(LimitCause.TooManyRows, limits.TryRows(31).Cause);
    }

    [Fact]
    public async Task Requests_at_a_time_are_limited()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        var limits = silo.OfKey("k", new LimitPolicy { ConcurrentRequests = 2 }, 1)!;
        await silo.AdmitAsync(limits, 0, Cancel);

        Assert.True(limits.TryEnter().IsAdmitted);
        Assert.True(limits.TryEnter().IsAdmitted);
        Assert.Equal(LimitCause.Concurrent, limits.TryEnter().Cause);
        limits.Exit();
        Assert.True(limits.TryEnter().IsAdmitted);
    }

    [Fact]
    public async Task Silos_use_a_quota_up_together_and_never_more_though_one_is_killed()
    {
        using var world = new LimitWorld();
        var policy = new LimitPolicy { RequestsPerDay = 100 };
        var (a, b) = (world.AddSilo(), world.AddSilo());
        await world.ShareAsync(policy);
        var count = 0;
        for (var i = 0; i < 20; i++)
        {
            count += await CallAsync(a, policy) ? 1 : 0;
            count += await CallAsync(b, policy) ? 1 : 0;
        }
        Assert.Equal(40, count);

        world.Kill(b);
        for (var i = 0; i < 200; i++)
            count += await CallAsync(a, policy) ? 1 : 0;

        Assert.InRange(count, 60, 100);
        var refused = await a.AdmitAsync(a.OfKey("k", policy, 1)!, 0, Cancel);
        Assert.Equal(LimitCause.Exhausted, refused.Cause);
        Assert.Equal("requestsPerDay", refused.Quota);
        Assert.Equal(12 * 3600, refused.RetryAfter.TotalSeconds, 60.0);
        // A flood of refused calls asks the cluster once a second at most.
        var asked = world.Asked;
        for (var i = 0; i < 100; i++)
            await CallAsync(a, policy);
        Assert.Equal(asked, world.Asked);
        world.Time.Advance(TimeSpan.FromHours(12));
        Assert.True(await CallAsync(a, policy));
    }

    [Fact]
    public async Task An_answer_that_was_lost_counts_once_and_grants_once()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        var policy = new LimitPolicy { RequestsPerDay = 10, RowsPerDay = 1000 };
        for (var i = 0; i < 3; i++)
            Assert.True(await CallAsync(silo, policy));
        await silo.AdmitRowsAsync(silo.OfKey("k", policy, 1)!, 7, Cancel);

        world.LosesAnswers = true;
        await world.PassAsync(TimeSpan.FromSeconds(12));
        world.LosesAnswers = false;
        await world.PassAsync(TimeSpan.FromSeconds(30));

        var ledger = world.Ledgers["key/k"];
        Assert.Equal(3, ledger.Today.Requests);
        Assert.Equal(7, ledger.Today.Rows);
        // It was idle: everything that was set aside went back.
        Assert.Equal(0, ledger.Holdings.Sum(h => h.Requests + h.Rows));
        var more = 0;
        for (var i = 0; i < 20; i++)
            more += await CallAsync(silo, policy) ? 1 : 0;
        Assert.Equal(7, more);
    }

    [Fact]
    public async Task A_quota_that_is_raised_or_taken_away_holds_at_once()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        var two = new LimitPolicy { RequestsPerDay = 2 };
        for (var i = 0; i < 3; i++)
            Assert.Equal(i < 2, await CallAsync(silo, two));

        silo.OfKey("k", new LimitPolicy { RequestsPerDay = 4 }, 2);
        for (var i = 0; i < 3; i++)
            Assert.Equal(i < 2, (await AdmitAsync()).IsAdmitted);
        silo.OfKey("k", new LimitPolicy(), 3);
        Assert.True((await AdmitAsync()).IsAdmitted);

        ValueTask<LimitVerdict> AdmitAsync() =>
            silo.AdmitAsync(silo.OfKey("k", two, 1)!, 0, Cancel);
    }

    [Fact]
    public async Task A_decision_allocates_nothing()
    {
        using var world = new LimitWorld();
        var silo = world.AddSilo();
        var limits = silo.OfKey("k", TenASecond, 1)!;
        await silo.AdmitAsync(limits, 0, Cancel);
        limits.TryAdmit(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            limits.TryAdmit(10);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Callers_by_tokens_have_a_limit_each_until_there_are_too_many_and_then_one_an_issuer()
    {
        using var world = new LimitWorld();
        Assert.Null(world.AddSilo().OfToken("corp", "ann"));
        world.Options.DefaultRequestsPerSecond = 5;
        world.Options.MaxTokenCallers = 2;
        var silo = world.AddSilo();

        var ann = silo.OfToken("corp", "ann")!;
        var other = silo.OfToken("other", "ann")!;
        var bob = silo.OfToken("corp", "bob")!;
        var eve = silo.OfToken("corp", "eve")!;

        Assert.Equal(5, ann.Policy.RequestsPerSecond);
        Assert.Same(ann, silo.OfToken("corp", "ann"));
        Assert.NotEqual(ann.Name, other.Name);
        Assert.StartsWith("token/corp/", ann.Name, StringComparison.Ordinal);
        Assert.DoesNotContain("ann", ann.Name, StringComparison.Ordinal);
        Assert.Equal("token/corp", bob.Name);
        Assert.Same(bob, eve);
    }
}
