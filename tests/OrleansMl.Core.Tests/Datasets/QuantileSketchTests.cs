using CsCheck;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Tests.Datasets;

public sealed class QuantileSketchTests
{
    [Fact]
    public void Every_rank_is_within_its_bound_whatever_the_order_and_the_repetitions() =>
        Gen.Select(Gen.Int[0, Shapes - 1], Gen.Int[1, 60_000], Gen.Int[8, 300], Gen.Int)
            .Sample(
                (shape, count, capacity, seed) =>
                    Check(Stream(shape, count, new Random(seed)), capacity),
                iter: 60
            );

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_million_values_keep_to_the_bounds_of_rank_and_memory(int shape)
    {
        var kept = Check(Stream(shape, 1_000_000, new Random(shape)), capacity: 256);

        // The paper's bound is 11/2ε · log2(2εn), some 9,800; what such streams take is far below.
        Assert.InRange(kept, 2, 4 * 256);
    }

    [Fact]
    public void As_many_different_values_as_the_capacity_are_exact()
    {
        var sketch = new QuantileSketch(50);
        var values = Enumerable.Range(0, 20_000).Select(i => (double)(i * 37 % 50)).ToList();
        values.ForEach(sketch.Add);

        Assert.Equal(
            Enumerable.Range(0, 50).Select(i => ((double)i, 400L * (i + 1))),
            sketch.ToPoints(100).Select(p => (p.Value, p.Rank))
        );
    }

    [Fact]
    public void Two_streams_together_are_within_both_bounds_and_the_points_between() =>
        // Without a value that makes up much: below one, ranks are drawn towards it.
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int)
            .Sample(
                (left, right, seed) =>
                {
                    int[] shapes = [0, 1, 2, 4];
                    const int points = 65;
                    const int count = 20_000;
                    var random = new Random(seed);
                    double[][] streams =
                    [
                        Stream(shapes[left], count, random),
                        Stream(shapes[right], count / 2, random),
                    ];
                    var parts = streams
                        .Select(stream =>
                        {
                            var sketch = new QuantileSketch(256);
                            foreach (var value in stream)
                                sketch.Add(value);
                            return sketch.ToPoints(points);
                        })
                        .ToList();
                    var both = QuantilePoints.Combine(parts[0], parts[1], points);
                    var sorted = streams.SelectMany(s => s).Order().ToArray();

                    Assert.Equal(sorted.Length, both[^1].Rank);
                    // A rank between two points of a side is off by their distance at the most.
                    var bound = sorted.Length * ((2.0 / 256) + (2.0 / (points - 1))) + 2;
                    foreach (var point in both)
                    {
                        var (least, most) = (
                            Rank(sorted, point.Value, before: true),
                            Rank(sorted, point.Value, before: false)
                        );
                        Assert.InRange(point.Rank, least - bound, most + bound);
                    }
                },
                iter: 30
            );

    [Fact]
    public void A_value_that_makes_up_most_of_the_stream_keeps_its_exact_rank()
    {
        var random = new Random(7);
        var values = Enumerable
            .Range(0, 50_000)
            .Select(_ => random.NextDouble() < 0.6 ? 0 : random.NextDouble())
            .ToArray();
        var sketch = new QuantileSketch(128);
        foreach (var value in values)
            sketch.Add(value);

        var zero = sketch.ToPoints(33)[0];

        Assert.Equal(0, zero.Value);
        Assert.Equal(values.Count(v => v == 0), zero.Rank);
    }

    [Fact]
    public void Few_values_are_kept_exactly_and_those_that_are_no_numbers_are_left_out()
    {
        var sketch = new QuantileSketch(64);
        foreach (var value in new[] { 3, 1, 2, 2, double.NaN, double.PositiveInfinity, -0.0, 0 })
            sketch.Add(value);

        Assert.Equal(
            [(0, 2), (1, 3), (2, 5), (3, 6)],
            sketch.ToPoints(33).Select(p => (p.Value, p.Rank))
        );
    }

    [Fact]
    public void Two_sets_together_have_their_ranks_added()
    {
        var combined = QuantilePoints.Combine(
            Points((1, 10), (3, 20)),
            Points((2, 5), (4, 10)),
            33
        );

        // At 2 the left side lies half way between its points, at 3 the right one.
        Assert.Equal([(1, 10), (2, 20), (3, 27), (4, 30)], combined.Select(p => (p.Value, p.Rank)));
    }

    [Fact]
    public void Statistics_keep_distributions_of_numbers_images_and_appended_rows()
    {
        var schema = new[]
        {
            new DatasetColumn { Name = "age", Kind = ColumnKind.Number },
            new DatasetColumn
            {
                Name = "image",
                Kind = ColumnKind.Image,
                Shape = [1, 2, 1],
            },
            new DatasetColumn { Name = "city", Kind = ColumnKind.Text },
        };
        var limits = new StatisticsLimits();
        IReadOnlyList<SplitStatistics> Of(double[] ages, byte[] pixels)
        {
            var statistics = new DatasetStatistics(schema, limits);
            statistics.Add(
                new DatasetBatch(
                    ages.Length,
                    new byte[ages.Length],
                    [
                        new ColumnBatch { Numbers = ages },
                        new ColumnBatch { Pixels = pixels },
                        new ColumnBatch { Texts = new string?[ages.Length] },
                    ]
                )
            );
            return statistics.ToStatistics();
        }
        var first = Of([1, 2, double.NaN], [0, 0, 0, 0, 0, 255]);
        var both = DatasetStatistics.Combine(first, Of([2, 5], [0, 0, 0, 255]), limits);

        Assert.Equal([(1, 1), (2, 2)], Pairs(first[0].Columns[0]));
        Assert.Equal([(0, 5), (1, 6)], Pairs(first[0].Columns[1]));
        Assert.Empty(first[0].Columns[2].Quantiles);
        Assert.Equal([(1, 1), (2, 3), (5, 4)], Pairs(both[0].Columns[0]));
        Assert.Equal([(0, 8), (1, 10)], Pairs(both[0].Columns[1]));
    }

    [Fact]
    public void A_data_set_of_many_columns_keeps_fewer_points_or_none()
    {
        var limits = new StatisticsLimits();

        Assert.Equal(33, limits.QuantilesOf(10, DatasetSplits.Test));
        Assert.Equal(0, limits.QuantilesOf(300, DatasetSplits.Test));
        Assert.Equal(20, limits.QuantilesOf(300, DatasetSplits.Train));
        Assert.Equal(0, limits.QuantilesOf(2_000, DatasetSplits.Train));
    }

    private const int Shapes = 7;

    private static double[] Stream(int shape, int count, Random random) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    shape switch
                    {
                        0 => i,
                        1 => -i,
                        2 => random.NextDouble(),
                        3 => Math.Round(random.NextDouble() * 20),
                        // From both ends to the middle, which old values there never stop being asked for.
                        4 => i % 2 == 0 ? i : count * 2.0 - i,
                        // Half of it one value, in the middle of the others.
                        5 => random.NextDouble() < 0.5 ? 0.5 : random.NextDouble(),
                        // Ever closer together.
                        _ => 1.0 / (i + 1) + random.NextDouble() * 1e-9,
                    }
                ),
        ];

    /// <summary>Checks each point's rank against the stream; how many values were kept.</summary>
    private static int Check(double[] values, int capacity)
    {
        var sketch = new QuantileSketch(capacity);
        foreach (var value in values)
            sketch.Add(value);
        var points = sketch.ToPoints(int.MaxValue);
        Array.Sort(values);
        var bound = (2.0 * values.Length / capacity) + 1;

        Assert.Equal((values[0], values[^1]), (points[0].Value, points[^1].Value));
        Assert.Equal(Rank(values, values[0], before: false), points[0].Rank);
        Assert.Equal(values.Length, points[^1].Rank);
        for (var i = 0; i < points.Count; i++)
        {
            var rank = Rank(values, points[i].Value, before: false);
            Assert.InRange(points[i].Rank, rank - bound, rank + bound);
            if (i == 0)
                continue;
            Assert.True(points[i].Value > points[i - 1].Value, "values ascend");
            Assert.True(points[i].Rank > points[i - 1].Rank, "ranks ascend");
            // Nothing is far from a point: what lies between two has a rank near one of theirs.
            var between = Rank(values, points[i].Value, before: true) - points[i - 1].Rank;
            Assert.InRange(between, -bound, 2 * bound);
        }
        return sketch.Kept;
    }

    /// <summary>How many of the sorted values are below the value, or up to it.</summary>
    private static int Rank(double[] sorted, double value, bool before)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || (!before && sorted[middle] == value))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static IEnumerable<(double, long)> Pairs(ColumnStatistics column) =>
        column.Quantiles.Select(p => (p.Value, p.Rank));

    private static QuantilePoint[] Points(params (double Value, long Rank)[] points) =>
        [.. points.Select(p => new QuantilePoint { Value = p.Value, Rank = p.Rank })];
}
