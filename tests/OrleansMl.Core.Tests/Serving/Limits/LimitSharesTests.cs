using CsCheck;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

public sealed class LimitSharesTests
{
    private const long Second = 1_000_000;
    private const long Lease = 10 * Second;

    private static LimitShares Begin(long idle = 0, params string[] unheard) =>
        new(Lease, idle, unheard, 0, 0, Second);

    private sealed class Silo(string name)
    {
        public string Name => name;

        public long Number { get; set; }

        public double Share { get; set; }

        public long Until { get; set; }

        public double At(long now) => now < Until ? Share : 0;

        /// <summary>Asks; where the answer is lost, the silo goes on by what it had.</summary>
        public void Ask(LimitShares shares, double demand, long now, bool answerIsLost)
        {
            var held = now < Until;
            var (number, share, _) = shares.Renew(
                Name,
                held ? Number : 0,
                held ? Share : 0,
                demand,
                now
            );
            if (answerIsLost)
                return;
            (Number, Share, Until) = (number, share, now + Lease);
        }
    }

    [Fact]
    public void Silos_never_hold_more_than_the_whole_whatever_is_lost() =>
        Gen.Select(
                Gen.Int[1, 5],
                Gen.Select(Gen.Int[0, 4], Gen.Double[0, 3], Gen.Int[0, 4000], Gen.Int[0, 9]).Array[
                    1,
                    150
                ]
            )
            .Sample(
                (count, steps) =>
                {
                    var shares = Begin();
                    var silos = Enumerable.Range(0, count).Select(i => new Silo($"s{i}")).ToArray();
                    var now = 1L;
                    foreach (var (who, demand, pause, luck) in steps)
                    {
                        now += pause * (Second / 1000);
                        var silo = silos[who % count];
                        if (luck == 0)
                        {
                            shares.Release(silo.Name, now);
                            silo.Until = 0;
                        }
                        else
                        {
                            silo.Ask(shares, demand, now, answerIsLost: luck == 1);
                        }
                        if (silos.Sum(s => s.At(now)) > 1 + 1e-9)
                            return false;
                    }
                    return true;
                },
                iter: 1000
            );

    [Fact]
    public void Each_silo_comes_to_the_least_of_its_demand_and_an_equal_part() =>
        Gen.Double[0.05, 3]
            .Array[1, 6]
            .Sample(
                demands =>
                {
                    var shares = Begin();
                    var silos = demands.Select((_, i) => new Silo($"s{i}")).ToArray();
                    for (var round = 0; round < 6; round++)
                    {
                        for (var i = 0; i < silos.Length; i++)
                            silos[i].Ask(shares, demands[i], (round * Second) + i, false);
                    }
                    var equal = 1.0 / silos.Length;
                    var sum = silos.Sum(s => s.Share);
                    return sum > 1 - 1e-9
                        && silos
                            .Zip(demands)
                            .All(pair => pair.First.Share >= Math.Min(pair.Second, equal) - 1e-9);
                },
                iter: 500
            );

    [Fact]
    public void A_lost_silos_share_is_free_when_its_lease_has_ended()
    {
        var shares = Begin();
        var (a, b) = (new Silo("a"), new Silo("b"));
        for (var round = 0; round < 4; round++)
        {
            a.Ask(shares, 2, round * Second, false);
            b.Ask(shares, 2, round * Second, false);
        }
        Assert.Equal(0.5, a.Share, 6);

        // b is killed.
        for (var second = 4; second < 13; second++)
        {
            a.Ask(shares, 2, second * Second, false);
            Assert.Equal(0.5, a.Share, 6);
        }
        a.Ask(shares, 2, 13 * Second, false);
        Assert.Equal(1, a.Share, 6);
    }

    [Fact]
    public void A_first_share_begins_with_what_nobody_can_have_used_and_later_ones_with_nothing()
    {
        var shares = Begin(idle: 100 * Second);

        Assert.Equal(101, shares.Renew("a", 0, 0, 1, Second).IdleSeconds, 6);
        Assert.Equal(0, shares.Renew("b", 0, 0, 1, Second).IdleSeconds);
        shares.Release("a", 2 * Second);
        shares.Release("b", 3 * Second);
        Assert.Equal(4, shares.Renew("a", 0, 0, 1, 7 * Second).IdleSeconds, 6);
    }

    [Fact]
    public void After_a_failover_silos_keep_what_they_held_and_a_new_one_gets_its_part_of_the_rest()
    {
        var before = Begin();
        var (a, b) = (new Silo("a"), new Silo("b"));
        for (var round = 0; round < 4; round++)
        {
            a.Ask(before, 0.2, round * Second, false);
            b.Ask(before, 2, round * Second, false);
        }
        var after = new LimitShares(Lease, 0, ["a", "b"], 1000, 4 * Second, Second);

        var wasA = a.Share;
        a.Ask(after, 2, 4 * Second, false);
        Assert.True(a.Share <= wasA + 1e-9);
        b.Ask(after, 2, 4 * Second, false);
        Assert.True(a.Share + b.Share <= 1 + 1e-9);
        // All are heard: shares follow the demand again.
        for (var round = 5; round < 9; round++)
        {
            a.Ask(after, 2, round * Second, false);
            b.Ask(after, 2, round * Second, false);
            Assert.True(a.Share + b.Share <= 1 + 1e-9);
        }
        Assert.Equal(0.5, a.Share, 6);
    }
}
