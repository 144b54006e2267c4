using OrleansMl.Console.Charts;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Console.Training;

/// <summary>A run's points as curves: one chart a metric, one curve a series.</summary>
internal sealed class RunCurves
{
    private static readonly string[] First =
    [
        "loss",
        "accuracy",
        "macro_f1",
        "roc_auc",
        "rmse",
        "mae",
        "r2",
    ];
    private static readonly string[] SeriesOrder = ["step", "train", "validation", "test"];
    private readonly Dictionary<string, Dictionary<string, SortedList<double, double>>> _metrics =
    [];

    /// <summary>Points held.</summary>
    public int Count { get; private set; }

    /// <summary>Adds points; one of the same series and step takes the other's place.</summary>
    public void Add(IEnumerable<MetricPoint> points)
    {
        foreach (var point in points)
        {
            foreach (var (metric, value) in point.Values)
            {
                if (!_metrics.TryGetValue(metric, out var series))
                    _metrics[metric] = series = [];
                if (!series.TryGetValue(point.Series, out var curve))
                    series[point.Series] = curve = [];
                var before = curve.Count;
                curve[point.Step] = value;
                Count += curve.Count - before;
            }
        }
    }

    /// <summary>The charts, the loss first.</summary>
    public IReadOnlyList<(string Metric, IReadOnlyList<ChartSeries> Series)> Charts() =>
        [
            .. _metrics
                .OrderBy(metric => Rank(First, metric.Key))
                .ThenBy(metric => metric.Key, StringComparer.Ordinal)
                .Select(metric =>
                    (
                        metric.Key,
                        (IReadOnlyList<ChartSeries>)
                            [
                                .. metric
                                    .Value.OrderBy(series => Rank(SeriesOrder, series.Key))
                                    .Select(series => new ChartSeries(
                                        series.Key == "step" ? "training step" : series.Key,
                                        [
                                            .. series.Value.Select(point => new ChartPoint(
                                                point.Key,
                                                point.Value
                                            )),
                                        ]
                                    )),
                            ]
                    )
                ),
        ];

    private static int Rank(string[] order, string name) =>
        Array.IndexOf(order, name) is var at and >= 0 ? at : order.Length;
}
