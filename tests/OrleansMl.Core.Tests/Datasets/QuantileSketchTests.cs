using CsCheck;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Tests.Datasets;

public sealed class QuantileSketchTests
{
    [Fact]
    public void Ranks_of_forty_thousand_values_are_off_by_less_than_eight_in_capacity()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[5_000, 40_000], Gen.Int)
            .Sample(
                (shape, count, seed) =>
                {
                    const int capacity = 256;
                    var random = new Random(seed);
                    var values = Enumerable
                        .Range(0, count)
                        .Select(i =>
                            shape switch
                            {
                                0 => i,
                                1 => -i,
                                2 => random.NextDouble(),
                                _ => Math.Round(random.NextDouble() * 20),
                            }
                        )
                        .ToArray();
                    var sketch = new QuantileSketch(capacity);
                    foreach (var value in values)
                        sketch.Add(value);
                    var points = sketch.ToPoints(33);
                    Array.Sort(values);

                    Assert.InRange(points.Count, 2, 33);
                    Assert.Equal(values[0], points[0].Value);
                    Assert.Equal(values[^1], points[^1].Value);
                    Assert.Equal(count, points[^1].Rank);
                    foreach (var point in points)
                    {
                        var rank = values.Count(v => v <= point.Value);
                        Assert.InRange(point.Rank, rank - (count / 32.0), rank + (count / 32.0));
                    }
                },
                iter: 20
            );
    }

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

    private static IEnumerable<(double, long)> Pairs(ColumnStatistics column) =>
        column.Quantiles.Select(p => (p.Value, p.Rank));

    private static QuantilePoint[] Points(params (double Value, long Rank)[] points) =>
        [.. points.Select(p => new QuantilePoint { Value = p.Value, Rank = p.Rank })];
}
