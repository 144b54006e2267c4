using OrleansMl.Console.Training;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Console.Tests.Training;

public sealed class RunCurvesTests
{
    [Fact]
    public void Points_become_a_chart_a_metric_with_a_curve_a_series_the_loss_first()
    {
        var curves = new RunCurves();
        curves.Add([
            Point("validation", 20, ("accuracy", 0.9), ("loss", 0.3)),
            Point("train", 20, ("loss", 0.2)),
            Point("train", 10, ("loss", 0.5)),
        ]);

        var charts = curves.Charts();

        Assert.Equal(["loss", "accuracy"], charts.Select(chart => chart.Metric));
        Assert.Equal(["train", "validation"], charts[0].Series.Select(series => series.Name));
        Assert.Equal([10, 20], charts[0].Series[0].Points.Select(point => point.X));
    }

    [Fact]
    public void A_repeated_step_takes_the_place_of_the_first()
    {
        var curves = new RunCurves();
        curves.Add([Point("train", 10, ("loss", 0.5))]);
        curves.Add([Point("train", 10, ("loss", 0.4))]);

        Assert.Equal(1, curves.Count);
        Assert.Equal(0.4, Assert.Single(curves.Charts()[0].Series[0].Points).Y);
    }

    private static MetricPoint Point(
        string series,
        long step,
        params (string Name, double Value)[] values
    ) =>
        new()
        {
            Step = step,
            Epoch = 1,
            Series = series,
            ElapsedSeconds = 0,
            Values = values.ToDictionary(value => value.Name, value => value.Value),
        };
}
