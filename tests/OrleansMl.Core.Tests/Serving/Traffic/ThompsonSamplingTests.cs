using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

public sealed class ThompsonSamplingTests
{
    private readonly TrafficRandom _random = new(3);

    [Fact]
    public void Draws_have_the_means_and_variances_of_their_distributions()
    {
        foreach (var (alpha, beta) in new[] { (0.5, 0.5), (1.0, 1.0), (2.0, 5.0), (300.0, 700.0) })
        {
            var draws = Draws(() => _random.NextBeta(alpha, beta));
            var mean = alpha / (alpha + beta);
            var variance = alpha * beta / (Math.Pow(alpha + beta, 2) * (alpha + beta + 1));
            Assert.InRange(
                draws.Average(),
                mean - (6 * Math.Sqrt(variance / draws.Length)),
                mean + (6 * Math.Sqrt(variance / draws.Length))
            );
            Assert.InRange(Variance(draws) / variance, 0.9, 1.1);
        }
        var gammas = Draws(() => _random.NextGamma(2.5));
        Assert.InRange(gammas.Average(), 2.4, 2.6);
        Assert.InRange(Variance(gammas), 2.3, 2.7);
    }

    [Fact]
    public void Numbers_have_a_posterior_between_prior_and_observations_that_narrows()
    {
        var prior = new BanditPolicy
        {
            Versions = ["1", "2"],
            PriorMean = 10,
            PriorWeight = 4,
        };
        var few = Posterior(prior, OutcomeKind.Number, 4, 4 * 20, 4 * 401);
        var many = Posterior(prior, OutcomeKind.Number, 4000, 4000 * 20.0, 4000 * 401.0);

        Assert.Equal(15, few.Mean, 1e-9);
        Assert.Equal(20, many.Mean, 0.02);
        Assert.True(
            Variance(Draws(() => many.Draw(_random))) < Variance(Draws(() => few.Draw(_random)))
        );
    }

    [Fact]
    public void The_better_version_gets_nearly_all_calls_and_the_worse_its_least_share()
    {
        var chooser = Chooser(0.05, (1, 100, 1000), (2, 200, 1000));

        var second = Enumerable.Range(0, 20_000).Count(_ => chooser.Choose("key", _random) == 2);

        Assert.InRange(second / 20_000.0, 0.94, 0.96);
        Assert.True(chooser.BestProbabilities(_random, 1000)[2] > 0.99);
    }

    [Fact]
    public void Versions_of_which_nothing_is_known_share_the_calls_evenly()
    {
        var chooser = Chooser(0, (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0));

        var counts = Enumerable
            .Range(0, 20_000)
            .CountBy(_ => chooser.Choose(null, _random))
            .ToDictionary();

        Assert.All(counts.Values, count => Assert.InRange(count, 4_700, 5_300));
    }

    [Fact]
    public void Regret_falls_as_outcomes_come()
    {
        double[] rates = [0.3, 0.5];
        var tallies = new (int Version, double Sum, long Count)[] { (1, 0, 0), (2, 0, 0) };
        var (early, late) = (0, 0);
        for (var call = 0; call < 2_000; call++)
        {
            var chosen = Chooser(0, tallies).Choose(null, _random);
            ref var tally = ref tallies[chosen - 1];
            tally.Count++;
            tally.Sum += _random.NextUnit() < rates[chosen - 1] ? 1 : 0;
            if (chosen == 1)
            {
                if (call < 1_000)
                    early++;
                else
                    late++;
            }
        }
        Assert.True(late < early && late < 200, $"{early}, then {late} calls of the worse");
    }

    [Fact]
    public void The_same_seed_draws_the_same()
    {
        var one = new TrafficRandom(42);
        var other = new TrafficRandom(42);

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(one.NextBits(), other.NextBits()));
    }

    private static ThompsonSampling Chooser(
        double minShare,
        params (int Version, double Sum, long Count)[] arms
    ) =>
        new(
            arms.Select(arm =>
                (
                    arm.Version,
                    Posterior(
                        new BanditPolicy { Versions = ["1", "2"] },
                        OutcomeKind.Binary,
                        arm.Count,
                        arm.Sum,
                        arm.Sum
                    )
                )
            ),
            minShare
        );

    private static ArmPosterior Posterior(
        BanditPolicy prior,
        OutcomeKind kind,
        long count,
        double sum,
        double squares
    ) =>
        ArmPosterior.Of(
            prior,
            kind,
            new OutcomeTally
            {
                Version = 1,
                Count = count,
                Sum = sum,
                SumOfSquares = squares,
            }
        );

    private static double[] Draws(Func<double> draw) =>
        [.. Enumerable.Range(0, 20_000).Select(_ => draw())];

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }
}
