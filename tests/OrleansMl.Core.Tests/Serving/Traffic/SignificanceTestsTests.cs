using CsCheck;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

public sealed class SignificanceTestsTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 0.764177156)]
    [InlineData(1.96, 0.0499957903)]
    [InlineData(3, 0.0026997961)]
    [InlineData(6, 1.97317529e-9)]
    public void The_normal_tail_has_its_known_values(double z, double tail)
    {
        Assert.Equal(1, SpecialFunctions.TwoSidedNormal(z) / tail, 1e-7);
        Assert.Equal(
            SpecialFunctions.TwoSidedNormal(z),
            SpecialFunctions.TwoSidedNormal(-z),
            1e-15
        );
    }

    [Fact]
    public void Students_tail_has_its_closed_forms_of_one_and_two_degrees_and_the_normal_as_its_limit() =>
        Gen.Double[0.001, 20]
            .Sample(t =>
            {
                Assert.Equal(
                    1 - (2 / Math.PI * Math.Atan(t)),
                    SpecialFunctions.TwoSidedStudent(t, 1),
                    1e-10
                );
                Assert.Equal(
                    1 - (t / Math.Sqrt(2 + (t * t))),
                    SpecialFunctions.TwoSidedStudent(t, 2),
                    1e-10
                );
                Assert.Equal(
                    SpecialFunctions.TwoSidedNormal(t),
                    SpecialFunctions.TwoSidedStudent(t, 1e7),
                    1e-6
                );
            });

    [Fact]
    public void Quantiles_undo_tails() =>
        Gen.Double[1e-6, 0.99]
            .Sample(p =>
            {
                var z = SpecialFunctions.Quantile(SpecialFunctions.TwoSidedNormal, p);
                Assert.Equal(p, SpecialFunctions.TwoSidedNormal(z), 1e-9);
            });

    [Fact]
    public void Two_proportions_compare_as_worked_by_hand()
    {
        // 20 of 100 and 35 of 100: pooled 0.275, z = 0.15 / sqrt(0.275 · 0.725 · 0.02).
        var found = SignificanceTests.Proportions(
            "outcome",
            new(100, 20, 20),
            new(100, 35, 35),
            0.95
        );

        Assert.Equal(0.15 / Math.Sqrt(0.275 * 0.725 * 0.02), found.Statistic, 1e-12);
        Assert.Equal(0.15, found.Difference, 1e-12);
        var reach = 1.959963985 * Math.Sqrt((0.2 * 0.8 / 100) + (0.35 * 0.65 / 100));
        Assert.Equal(0.15 - reach, found.Low, 1e-7);
        Assert.Equal(0.15 + reach, found.High, 1e-7);
        Assert.InRange(found.PValue, 0.017, 0.018);
        Assert.False(found.Significant);
    }

    [Fact]
    public void Welch_uses_each_samples_own_variance_and_degrees()
    {
        double[] a = [27.5, 21.0, 19.0, 23.6, 17.0];
        double[] b = [27.1, 22.0, 20.8];

        var found = SignificanceTests.Means("latency_seconds", Summary(a), Summary(b), 0.95);

        var (va, vb) = (Variance(a) / 5, Variance(b) / 3);
        Assert.Equal((b.Average() - a.Average()) / Math.Sqrt(va + vb), found.Statistic, 1e-9);
        var degrees = Math.Pow(va + vb, 2) / ((va * va / 4) + (vb * vb / 2));
        Assert.Equal(
            SpecialFunctions.TwoSidedStudent(found.Statistic, degrees),
            found.PValue,
            1e-12
        );
    }

    [Fact]
    public void Without_a_difference_peeking_every_time_finds_one_no_more_often_than_promised()
    {
        var random = new TrafficRandom(11);
        const int Experiments = 200;
        var (sequential, classical) = (0, 0);
        for (var experiment = 0; experiment < Experiments; experiment++)
        {
            var (foundSequential, foundClassical) = (false, false);
            double[] sums = [0, 0];
            for (var n = 1; n <= 1000; n++)
            {
                sums[0] += random.NextUnit() < 0.3 ? 1 : 0;
                sums[1] += random.NextUnit() < 0.3 ? 1 : 0;
                if (n < 50 || n % 10 != 0)
                    continue;
                var found = SignificanceTests.Proportions(
                    "outcome",
                    new(n, sums[0], sums[0]),
                    new(n, sums[1], sums[1]),
                    0.95
                );
                foundSequential |= found.Significant;
                foundClassical |= found.PValue < 0.05;
            }
            sequential += foundSequential ? 1 : 0;
            classical += foundClassical ? 1 : 0;
        }
        // 5 % of 200 are 10; the classical test, looked at a hundred times, is fooled far more often.
        Assert.InRange(sequential, 0, 18);
        Assert.True(classical > 2 * sequential, $"{classical} against {sequential}");
    }

    [Fact]
    public void A_real_difference_is_found_by_the_sequential_test_too()
    {
        var found = SignificanceTests.Proportions(
            "outcome",
            new(20_000, 2_000, 2_000),
            new(20_000, 2_400, 2_400),
            0.95
        );

        Assert.True(found.Significant);
        Assert.True(found.AlwaysValidPValue > found.PValue);
    }

    [Fact]
    public void Observations_without_spread_are_no_evidence()
    {
        var found = SignificanceTests.Means(
            "latency_seconds",
            new(10, 10, 10),
            new(10, 20, 40),
            0.9
        );

        Assert.Equal(1, found.AlwaysValidPValue);
        Assert.False(found.Significant);
    }

    [Fact]
    public void Wilsons_lower_end_lies_below_the_rate_and_rises_with_the_count()
    {
        Assert.Equal(0, SignificanceTests.WilsonLow(0, 0, 2));
        Assert.InRange(SignificanceTests.WilsonLow(5, 5, 3.29), 0.31, 0.32);
        Gen.Select(Gen.Long[1, 1000], Gen.Double[0, 1])
            .Sample(
                (count, part) =>
                {
                    var errors = (long)(part * count);
                    var low = SignificanceTests.WilsonLow(errors, count, 2);
                    Assert.InRange(low, -1e-12, ((double)errors / count) + 1e-12);
                    Assert.True(
                        low <= SignificanceTests.WilsonLow(errors * 10, count * 10, 2) + 1e-12
                    );
                }
            );
    }

    private static SampleSummary Summary(double[] values) =>
        new(values.Length, values.Sum(), values.Sum(value => value * value));

    private static double Variance(double[] values) =>
        values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1);
}
