using CsCheck;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Tests.Datasets;

public sealed class DatasetStatisticsTests
{
    private static readonly DatasetColumn[] Schema =
    [
        new() { Name = "n", Kind = ColumnKind.Number },
        new() { Name = "i", Kind = ColumnKind.Integer },
        new() { Name = "b", Kind = ColumnKind.Boolean },
        new() { Name = "t", Kind = ColumnKind.Text },
        new()
        {
            Name = "p",
            Kind = ColumnKind.Image,
            Shape = [1, 2, 1],
        },
        new()
        {
            Name = "v",
            Kind = ColumnKind.Vector,
            Shape = [3],
        },
    ];

    private static readonly Gen<Row> AnyRow = Gen.Select(
        Gen.Byte[0, 2],
        Gen.Double[-1e6, 1e6].Nullable(),
        Gen.Long[-5, 5].Nullable(),
        Gen.Bool.Nullable(),
        Gen.OneOf<string?>("a", "b", "c", null),
        Gen.Byte.Array[2],
        Gen.Float[-100, 100].Array[3],
        (s, n, i, b, t, p, v) => new Row(s, n, i, b, t, p, v)
    );

    [Fact]
    public void Streamed_statistics_equal_those_computed_from_all_values_at_once()
    {
        AnyRow
            .Array[1, 80]
            .Sample(rows =>
            {
                foreach (var split in Sum(rows))
                {
                    var own = rows.Where(r => DatasetSplits.Names[r.Split] == split.Split)
                        .ToArray();
                    Assert.Equal(own.Length, split.Rows);
                    Check(
                        split.Columns[0],
                        own.Length,
                        own.Where(r => r.Number is not null).Select(r => r.Number!.Value),
                        1
                    );
                    Check(
                        split.Columns[1],
                        own.Length,
                        own.Where(r => r.Integer is not null).Select(r => (double)r.Integer!.Value),
                        1
                    );
                    Check(
                        split.Columns[4],
                        own.Length,
                        own.SelectMany(r => r.Pixels).Select(p => p / 255.0),
                        2
                    );
                    Check(
                        split.Columns[5],
                        own.Length,
                        own.SelectMany(r => r.Vector).Select(v => (double)v),
                        3
                    );
                    CheckValues(split.Columns[1], own.Select(r => r.Integer?.ToString()));
                    CheckValues(
                        split.Columns[2],
                        own.Select(r => r.Boolean is { } b ? (b ? "true" : "false") : null)
                    );
                    CheckValues(split.Columns[3], own.Select(r => r.Text));
                }
            });
    }

    [Fact]
    public void Combined_statistics_equal_those_of_all_rows()
    {
        Gen.Select(AnyRow.Array[0, 60], AnyRow.Array[0, 60])
            .Sample(
                (left, right) =>
                {
                    var combined = DatasetStatistics.Combine(
                        Sum(left),
                        Sum(right),
                        new StatisticsLimits()
                    );
                    var whole = Sum([.. left, .. right]);
                    Assert.Equal(
                        whole.Select(s => (s.Split, s.Rows)),
                        combined.Select(s => (s.Split, s.Rows))
                    );
                    foreach (var (a, b) in whole.Zip(combined))
                    foreach (var (x, y) in a.Columns.Zip(b.Columns))
                    {
                        Assert.Equal(
                            (x.Column, x.Count, x.Missing, x.Minimum, x.Maximum),
                            (y.Column, y.Count, y.Missing, y.Minimum, y.Maximum)
                        );
                        Assert.Equal(x.Mean is null, y.Mean is null);
                        Near(x.Mean ?? 0, y.Mean ?? 0);
                        Near(x.StandardDeviation ?? 0, y.StandardDeviation ?? 0);
                        Assert.Equal(x.Values, y.Values);
                    }
                }
            );
    }

    [Fact]
    public void A_large_offset_does_not_drown_a_small_deviation()
    {
        var rows = Enumerable
            .Range(0, 1000)
            .Select(i => new Row(0, 1e9 + (i % 2), null, null, null, [0, 0], [0, 0, 0]))
            .ToArray();
        Assert.Equal(0.5, Sum(rows)[0].Columns[0].StandardDeviation!.Value, 1e-6);
    }

    [Fact]
    public void More_distinct_values_than_the_limit_are_truncated_and_say_so()
    {
        var limits = new StatisticsLimits(DistinctValues: 5, KeptWhenTruncated: 2);
        var rows = Enumerable
            .Range(0, 30)
            .Select(i => new Row(
                0,
                null,
                i < 10 ? 3 : i % 6,
                null,
                i % 2 == 0 ? "x" : new string('y', 300),
                [0, 0],
                [0, 0, 0]
            ))
            .ToArray();
        var statistics = Sum(rows, limits)[0];
        Assert.True(statistics.Columns[1].ValuesTruncated);
        Assert.Equal(["3", "4"], statistics.Columns[1].Values.Select(v => v.Value));
        Assert.Equal(30, statistics.Columns[1].Count);
        Assert.True(statistics.Columns[3].ValuesTruncated);
        Assert.Equal(["x"], statistics.Columns[3].Values.Select(v => v.Value));

        var combined = DatasetStatistics.Combine([statistics], [statistics], limits)[0];
        Assert.True(combined.Columns[1].ValuesTruncated);
    }

    [Fact]
    public void The_values_of_all_columns_together_are_bounded_the_largest_first()
    {
        var limits = new StatisticsLimits(KeptWhenTruncated: 3, DistinctValuesInAll: 20);
        var rows = Enumerable
            .Range(0, 40)
            .Select(i => new Row(0, null, i, null, $"{i % 4}", [0, 0], [0, 0, 0]))
            .ToArray();
        var columns = Sum(rows, limits)[0].Columns;
        Assert.Equal((true, 3), (columns[1].ValuesTruncated, columns[1].Values.Count));
        Assert.Equal((false, 4), (columns[3].ValuesTruncated, columns[3].Values.Count));
    }

    [Fact]
    public void Counting_stops_where_its_memory_ends()
    {
        var limits = new StatisticsLimits(BytesOfDistinctValues: 64 * 10);
        var rows = Enumerable
            .Range(0, 40)
            .Select(i => new Row(0, null, i % 20, null, null, [0, 0], [0, 0, 0]))
            .ToArray();
        var column = Sum(rows, limits)[0].Columns[1];
        Assert.True(column.ValuesTruncated);
        Assert.Equal(10, column.Values.Count);
        Assert.Equal(40, column.Count);
    }

    private static void Check(
        ColumnStatistics column,
        int rows,
        IEnumerable<double> values,
        int width
    )
    {
        var all = values.ToArray();
        Assert.Equal(all.Length / width, column.Count);
        Assert.Equal(rows - (all.Length / width), column.Missing);
        if (all.Length == 0)
        {
            Assert.Null(column.Mean);
            return;
        }
        Assert.Equal((all.Min(), all.Max()), (column.Minimum, column.Maximum));
        Near(all.Average(), column.Mean!.Value);
        Near(
            Math.Sqrt(all.Average(v => Math.Pow(v - all.Average(), 2))),
            column.StandardDeviation!.Value
        );
    }

    private static void CheckValues(ColumnStatistics column, IEnumerable<string?> values)
    {
        var expected = values
            .OfType<string>()
            .GroupBy(v => v)
            .Select(g => new ValueCount { Value = g.Key, Count = g.Count() })
            .OrderByDescending(v => v.Count)
            .ThenBy(v => v.Value, StringComparer.Ordinal);
        Assert.Equal(expected, column.Values);
        Assert.False(column.ValuesTruncated);
    }

    private static void Near(double expected, double got) =>
        Assert.InRange(
            got,
            expected - 1e-9 - (1e-9 * Math.Abs(expected)),
            expected + 1e-9 + (1e-9 * Math.Abs(expected))
        );

    private static IReadOnlyList<SplitStatistics> Sum(Row[] rows, StatisticsLimits? limits = null)
    {
        var statistics = new DatasetStatistics(Schema, limits ?? new StatisticsLimits());
        foreach (var part in rows.Chunk(7))
            statistics.Add(
                new DatasetBatch(
                    part.Length,
                    [.. part.Select(r => r.Split)],
                    [
                        new ColumnBatch { Numbers = [.. part.Select(r => r.Number ?? double.NaN)] },
                        new ColumnBatch
                        {
                            Integers = [.. part.Select(r => r.Integer ?? 0)],
                            Missing = [.. part.Select(r => r.Integer is null)],
                        },
                        new ColumnBatch
                        {
                            Booleans = [.. part.Select(r => r.Boolean ?? false)],
                            Missing = [.. part.Select(r => r.Boolean is null)],
                        },
                        new ColumnBatch { Texts = [.. part.Select(r => r.Text)] },
                        new ColumnBatch { Pixels = [.. part.SelectMany(r => r.Pixels)] },
                        new ColumnBatch { Vectors = [.. part.SelectMany(r => r.Vector)] },
                    ]
                )
            );
        return statistics.ToStatistics();
    }

    private sealed record Row(
        byte Split,
        double? Number,
        long? Integer,
        bool? Boolean,
        string? Text,
        byte[] Pixels,
        float[] Vector
    );
}
