using CsCheck;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

public sealed class WeightedSplitTests
{
    private const int Keys = 20_000;
    private readonly TrafficRandom _random = new(7);

    [Fact]
    public void Hashes_are_the_same_in_every_process_and_version()
    {
        Assert.Equal(KeyHash.Mix(0xCBF29CE484222325), KeyHash.Of(""));
        Assert.Equal(0xE220A8397B1DCDAFUL, KeyHash.Mix(0x9E3779B97F4A7C15));
        Assert.Equal(KeyHash.Of("user-17"), KeyHash.Of("user-17".AsSpan()));
        Assert.NotEqual(KeyHash.Of("user-17"), KeyHash.Of("user-18"));
    }

    [Fact]
    public void Keys_and_draws_are_shared_out_by_weight() =>
        Gen.Double[0.05, 10]
            .Array[2, 6]
            .Sample(
                weights =>
                {
                    var split = Split(weights);
                    var byKey = new int[weights.Length];
                    var byChance = new int[weights.Length];
                    for (var i = 0; i < Keys; i++)
                    {
                        byKey[split.Choose($"user-{i}", _random) - 1]++;
                        byChance[split.Choose(null, _random) - 1]++;
                    }
                    foreach (var counts in new[] { byKey, byChance })
                    {
                        for (var i = 0; i < weights.Length; i++)
                        {
                            var part = weights[i] / weights.Sum();
                            // Six standard deviations.
                            var slack = 6 * Math.Sqrt(part * (1 - part) / Keys);
                            Assert.InRange((double)counts[i] / Keys, part - slack, part + slack);
                        }
                    }
                },
                iter: 20,
                threads: 1
            );

    [Fact]
    public void A_grown_weight_moves_calls_to_it_alone_and_no_more_than_it_gains() =>
        Gen.Select(Gen.Double[0.1, 5], Gen.Double[0.1, 5], Gen.Double[0.1, 5], Gen.Double[0.1, 5])
            .Sample(
                (a, b, c, more) =>
                {
                    var before = Split([a, b, c]);
                    var after = Split([a, b, c + more]);
                    var moved = 0;
                    for (var i = 0; i < Keys; i++)
                    {
                        var old = before.Choose($"user-{i}", _random);
                        var chosen = after.Choose($"user-{i}", _random);
                        if (old == chosen)
                            continue;
                        Assert.Equal(3, chosen);
                        moved++;
                    }
                    var gain = ((c + more) / (a + b + c + more)) - (c / (a + b + c));
                    Assert.InRange((double)moved / Keys, 0, gain + (6 * Math.Sqrt(gain / Keys)));
                },
                iter: 30,
                threads: 1
            );

    [Fact]
    public void A_key_keeps_its_version_when_shares_are_written_in_another_order()
    {
        var one = new WeightedSplit([("champion", 9, 1), ("challenger", 1, 2)]);
        var other = new WeightedSplit([("challenger", 1, 2), ("champion", 9, 1)]);

        Assert.All(
            Enumerable.Range(0, 1000),
            i => Assert.Equal(one.Choose($"{i}", _random), other.Choose($"{i}", _random))
        );
    }

    [Fact]
    public void A_weight_of_nothing_gets_nothing()
    {
        var split = new WeightedSplit([("1", 1, 1), ("2", 0, 2)]);

        Assert.Equal([1], split.Versions);
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(1, split.Choose($"{i}", _random)));
        Assert.Throws<ArgumentException>(() => new WeightedSplit([("1", 0, 1)]));
    }

    private static WeightedSplit Split(double[] weights) =>
        new(weights.Select((weight, i) => ($"{i + 1}", weight, i + 1)));
}
