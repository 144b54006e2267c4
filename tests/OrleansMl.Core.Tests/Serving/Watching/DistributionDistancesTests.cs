using CsCheck;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Tests.Serving.Watching;

public sealed class DistributionDistancesTests
{
    private static readonly Gen<(long[] Live, long[] Reference)> Pairs =
        from n in Gen.Int[2, 12]
        from live in Gen.Long[0, 1_000].Array[n]
        from reference in Gen.Long[0, 1_000].Array[n]
        where live.Sum() > 0 && reference.Sum() > 0
        select (live, reference);

    // SciPy 1.10.1: spatial.distance.jensenshannon(p, q, base=2) and chebyshev(p, q); NumPy 1.24.2 for the PSI's sum with shares of at
    // least 1e-4; where no bin is empty, that is stats.entropy(p, q) + stats.entropy(q, p).
    [Theory]
    [InlineData(
        new long[] { 120, 80, 60, 40, 0, 100 },
        new long[] { 1000, 1500, 1200, 800, 500, 0 },
        2.796907416491796,
        0.44958070047293064,
        0.25
    )]
    [InlineData(
        new long[] { 10, 20, 30, 40 },
        new long[] { 400, 300, 200, 100 },
        0.9128696382935675,
        0.39186816064715513,
        0.3
    )]
    public void Distances_are_those_of_another_library(
        long[] live,
        long[] reference,
        double psi,
        double jensenShannon,
        double chebyshev
    )
    {
        Assert.Equal(psi, DistributionDistances.PopulationStability(live, reference), 1e-12);
        Assert.Equal(jensenShannon, DistributionDistances.JensenShannon(live, reference), 1e-12);
        Assert.Equal(chebyshev, DistributionDistances.Chebyshev(live, reference), 1e-12);
    }

    [Fact]
    public void Distances_are_symmetric_and_zero_of_the_same_shares()
    {
        Pairs.Sample(pair =>
        {
            foreach (var distance in All)
            {
                var there = distance(pair.Live, pair.Reference);
                Assert.InRange(there, 0, double.MaxValue);
                Assert.Equal(there, distance(pair.Reference, pair.Live), 1e-9);
                Assert.Equal(0, distance(pair.Live, [.. pair.Live.Select(n => 3 * n)]), 1e-7);
            }
            Assert.InRange(DistributionDistances.JensenShannon(pair.Live, pair.Reference), 0, 1);
            Assert.InRange(DistributionDistances.Chebyshev(pair.Live, pair.Reference), 0, 1);
        });
    }

    [Fact]
    public void The_jensen_shannon_distance_is_a_metric()
    {
        Gen.Select(Pairs, Gen.Long[0, 1_000].Array[12])
            .Where(t => t.Item2.Take(t.Item1.Live.Length).Sum() > 0)
            .Sample(t =>
            {
                var (a, b) = t.Item1;
                long[] c = [.. t.Item2.Take(a.Length)];
                Assert.True(
                    DistributionDistances.JensenShannon(a, c)
                        <= DistributionDistances.JensenShannon(a, b)
                            + DistributionDistances.JensenShannon(b, c)
                            + 1e-9
                );
            });
    }

    [Fact]
    public void Shares_with_nothing_in_common_are_as_far_as_can_be()
    {
        Assert.Equal(1, DistributionDistances.JensenShannon([5, 0], [0, 9]), 1e-12);
        Assert.Equal(1, DistributionDistances.Chebyshev([5, 0], [0, 9]), 1e-12);
    }

    [Fact]
    public void Nothing_can_be_compared_with_nothing()
    {
        foreach (var distance in All)
        {
            Assert.Throws<ArgumentException>(() => distance([0, 0], [1, 2]));
            Assert.Throws<ArgumentException>(() => distance([1, 2], [0, 0]));
            Assert.Throws<ArgumentException>(() => distance([1, 2], [1, 2, 3]));
        }
    }

    private static Func<IReadOnlyList<long>, IReadOnlyList<long>, double>[] All =>
        [
            DistributionDistances.PopulationStability,
            DistributionDistances.JensenShannon,
            DistributionDistances.Chebyshev,
        ];
}
