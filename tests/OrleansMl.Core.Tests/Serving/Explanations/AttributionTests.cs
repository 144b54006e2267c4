using CsCheck;
using OrleansMl.Core.Serving.Explanations;

namespace OrleansMl.Core.Tests.Serving.Explanations;

public sealed class AttributionTests
{
    [Fact]
    public async Task Of_a_linear_model_each_feature_adds_its_weight_times_its_distance_from_the_baseline()
    {
        double[] weights = [2, -1, 0.5, 0];
        double[] distances = [1, 3, -4, 7];
        Func<bool[], double> linear = mask =>
            10 + Enumerable.Range(0, 4).Where(i => mask[i]).Sum(i => weights[i] * distances[i]);
        double[] exact = [2, -3, -2, 0];

        var occlusion = await Attribution.OcclusionAsync(4, Values(linear));
        var shapley = await Attribution.ShapleyAsync(4, 1, 1, Values(linear));

        Near(exact, occlusion.Contributions);
        Near(exact, shapley.Contributions);
        Assert.Equal(7, shapley.Value, 1e-12);
        Assert.Equal(10, shapley.Base, 1e-12);
    }

    [Fact]
    public async Task Sampled_values_near_those_of_every_order_counted()
    {
        // A game of five players with values drawn once: nothing about it is additive.
        var random = new Random(3);
        var table = Enumerable.Range(0, 32).Select(_ => random.NextDouble()).ToArray();
        var exact = Exact(5, table);

        var few = await Attribution.ShapleyAsync(5, 10, 7, Values(mask => table[Index(mask)]));
        var many = await Attribution.ShapleyAsync(5, 4_000, 7, Values(mask => table[Index(mask)]));

        var error = Largest(exact, many.Contributions);
        Assert.InRange(error, 0, 0.02);
        Assert.True(error < Largest(exact, few.Contributions));
    }

    [Fact]
    public async Task Two_players_in_one_order_and_back_have_their_exact_values()
    {
        // v(1) = 3, v(2) = 5, v(12) = 12: a half of what they make together goes to each.
        double[] table = [0, 3, 5, 12];

        var shapley = await Attribution.ShapleyAsync(2, 2, 9, Values(mask => table[Index(mask)]));

        Near([5, 7], shapley.Contributions);
    }

    [Fact]
    public void Values_sum_to_what_all_add_and_a_player_that_adds_nothing_has_nothing()
    {
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 9], Gen.Long, Gen.Double[-5, 5].Array[64])
            .Sample(t =>
            {
                var (players, orders, seed, table) = t;
                // The last player is a dummy: the table does not look at it.
                Func<bool[], double> game = mask => table[Index(mask[..^1])];
                var result = Attribution
                    .ShapleyAsync(players, orders, seed, Values(game))
                    .AsTask()
                    .GetAwaiter()
                    .GetResult();
                Assert.Equal(result.Value - result.Base, result.Contributions.Sum(), 1e-9);
                Assert.Equal(0, result.Contributions[^1], 1e-9);
            });
    }

    [Fact]
    public async Task Another_seed_takes_other_orders_and_the_same_one_the_same()
    {
        var random = new Random(5);
        var table = Enumerable.Range(0, 256).Select(_ => random.NextDouble()).ToArray();
        async Task<AttributionResult> Of(long seed) =>
            await Attribution.ShapleyAsync(8, 2, seed, Values(mask => table[Index(mask)]));

        Assert.Equal((await Of(1)).Contributions, (await Of(1)).Contributions);
        Assert.NotEqual((await Of(1)).Contributions, (await Of(2)).Contributions);
    }

    [Fact]
    public async Task Evaluations_are_as_many_as_are_told()
    {
        var count = 0;
        Func<bool[], double> counted = _ => ++count;

        await Attribution.ShapleyAsync(6, 4, 1, Values(counted));
        Assert.Equal((4 * 5) + 2, count);
        count = 0;
        await Attribution.OcclusionAsync(6, Values(counted));
        Assert.Equal(8, count);
    }

    private static Func<IReadOnlyList<bool[]>, ValueTask<double[]>> Values(
        Func<bool[], double> game
    ) => masks => new([.. masks.Select(game)]);

    private static int Index(bool[] mask) =>
        Enumerable.Range(0, mask.Length).Sum(i => mask[i] ? 1 << i : 0);

    // By the definition: a player's gain over every set without it, weighted by the orders in which that set comes first.
    private static double[] Exact(int players, double[] table)
    {
        double Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
        return
        [
            .. Enumerable
                .Range(0, players)
                .Select(i =>
                    Enumerable
                        .Range(0, 1 << players)
                        .Where(set => (set & (1 << i)) == 0)
                        .Sum(set =>
                        {
                            var size = int.PopCount(set);
                            return Factorial(size)
                                * Factorial(players - size - 1)
                                / Factorial(players)
                                * (table[set | (1 << i)] - table[set]);
                        })
                ),
        ];
    }

    private static double Largest(double[] a, IReadOnlyList<double> b) =>
        a.Zip(b, (x, y) => Math.Abs(x - y)).Max();

    private static void Near(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        Assert.InRange(Largest(expected, actual), 0, 1e-12);
    }
}
