using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Sums up batches of rows, by split and column, in one pass and bounded memory. Not thread-safe.</summary>
public sealed class DatasetStatistics
{
    private readonly IReadOnlyList<DatasetColumn> _schema;
    private readonly StatisticsLimits _limits;
    private readonly ColumnAccumulator[][] _splits;
    private readonly long[] _rows;

    /// <summary>Makes an empty sum over these columns.</summary>
    public DatasetStatistics(IReadOnlyList<DatasetColumn> schema, StatisticsLimits limits)
    {
        _schema = schema;
        _limits = limits;
        _rows = new long[DatasetSplits.Names.Count];
        var budget = new StatisticsBudget(limits.BytesOfDistinctValues);
        _splits =
        [
            .. DatasetSplits.Names.Select(
                (_, split) =>
                    schema
                        .Select(c => new ColumnAccumulator(
                            c,
                            limits,
                            budget,
                            limits.QuantilesOf(schema.Count, split),
                            Math.Clamp(
                                limits.QuantileMemory / (schema.Count * DatasetSplits.Names.Count),
                                64,
                                1_024
                            )
                        ))
                        .ToArray()
            ),
        ];
    }

    /// <summary>Whether any row so far lacks a value of a column.</summary>
    public bool HasMissing(int column) => _splits.Any(s => s[column].Missing > 0);

    /// <summary>Adds rows; the batch has every column of the schema in its order.</summary>
    public void Add(DatasetBatch batch)
    {
        for (var row = 0; row < batch.Rows; row++)
            _rows[batch.Splits[row]]++;
        for (var i = 0; i < _schema.Count; i++)
            AddColumn(i, _schema[i], batch.Columns[i], batch);
    }

    /// <summary>The sums of the splits that have rows.</summary>
    public IReadOnlyList<SplitStatistics> ToStatistics() =>
        ValueCounts.TrimAll(
            [
                .. Enumerable
                    .Range(0, _splits.Length)
                    .Where(s => _rows[s] > 0)
                    .Select(s => new SplitStatistics
                    {
                        Split = DatasetSplits.Names[s],
                        Rows = _rows[s],
                        Columns = [.. _splits[s].Select(c => c.ToStatistics())],
                    }),
            ],
            _limits
        );

    /// <summary>The statistics of two sets of rows together. Exact, but for values that either had truncated.</summary>
    public static IReadOnlyList<SplitStatistics> Combine(
        IReadOnlyList<SplitStatistics> left,
        IReadOnlyList<SplitStatistics> right,
        StatisticsLimits limits
    )
    {
        var combined = new List<SplitStatistics>();
        for (var split = 0; split < DatasetSplits.Names.Count; split++)
        {
            var name = DatasetSplits.Names[split];
            var a = left.FirstOrDefault(s => s.Split == name);
            var b = right.FirstOrDefault(s => s.Split == name);
            if (a is null || b is null)
            {
                if ((a ?? b) is { } only)
                    combined.Add(only);
                continue;
            }
            combined.Add(
                new SplitStatistics
                {
                    Split = name,
                    Rows = a.Rows + b.Rows,
                    Columns =
                    [
                        .. a.Columns.Zip(
                            b.Columns,
                            (x, y) =>
                                Combine(x, y, limits) with
                                {
                                    Quantiles = CombineQuantiles(
                                        x,
                                        y,
                                        limits.QuantilesOf(a.Columns.Count, split)
                                    ),
                                }
                        ),
                    ],
                }
            );
        }
        return ValueCounts.TrimAll(combined, limits);
    }

    private static ColumnStatistics Combine(
        ColumnStatistics a,
        ColumnStatistics b,
        StatisticsLimits limits
    )
    {
        // Rows weigh like elements: every row of an image or vector column has as many.
        var moments = MomentsOf(a).Combine(MomentsOf(b));
        var known = moments.Count > 0;
        return ValueCounts.Trim(
            new ColumnStatistics
            {
                Column = a.Column,
                Count = a.Count + b.Count,
                Missing = a.Missing + b.Missing,
                Minimum = known
                    ? Math.Min(
                        a.Minimum ?? double.PositiveInfinity,
                        b.Minimum ?? double.PositiveInfinity
                    )
                    : null,
                Maximum = known
                    ? Math.Max(
                        a.Maximum ?? double.NegativeInfinity,
                        b.Maximum ?? double.NegativeInfinity
                    )
                    : null,
                Mean = known ? moments.Mean : null,
                StandardDeviation = known ? moments.StandardDeviation : null,
                Values = ValueCounts.Combine(a.Values, b.Values),
                ValuesTruncated = a.ValuesTruncated || b.ValuesTruncated,
            },
            limits
        );
    }

    private static IReadOnlyList<QuantilePoint> CombineQuantiles(
        ColumnStatistics a,
        ColumnStatistics b,
        int most
    )
    {
        // Points of one side alone would pass for those of both.
        var unknown =
            (a.Count > 0 && a.Quantiles.Count == 0) || (b.Count > 0 && b.Quantiles.Count == 0);
        return unknown || most == 0 ? [] : QuantilePoints.Combine(a.Quantiles, b.Quantiles, most);
    }

    private static Moments MomentsOf(ColumnStatistics column) =>
        column.Mean is { } mean
            ? Moments.Of(column.Count, mean, column.StandardDeviation ?? 0)
            : default;

    private void AddColumn(int index, DatasetColumn column, ColumnBatch values, DatasetBatch batch)
    {
        var width = column.Shape.Aggregate(1, (a, b) => a * b);
        for (var row = 0; row < batch.Rows; row++)
        {
            var sum = _splits[batch.Splits[row]][index];
            var missing = values.Missing is { } flags && flags[row];
            switch (column.Kind)
            {
                case ColumnKind.Number when !double.IsNaN(values.Numbers![row]):
                    sum.AddNumber(values.Numbers[row]);
                    break;
                case ColumnKind.Integer when !missing:
                    sum.AddInteger(values.Integers![row]);
                    break;
                case ColumnKind.Boolean when !missing:
                    sum.AddBoolean(values.Booleans![row]);
                    break;
                case ColumnKind.Text when values.Texts![row] is { } text:
                    sum.AddText(text);
                    break;
                case ColumnKind.Image:
                    sum.AddPixels(values.Pixels.AsSpan(row * width, width));
                    break;
                case ColumnKind.Vector:
                    sum.AddVector(values.Vectors.AsSpan(row * width, width));
                    break;
                default:
                    sum.AddMissing();
                    break;
            }
        }
    }
}
