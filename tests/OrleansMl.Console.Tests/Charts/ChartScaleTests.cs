using OrleansMl.Console.Charts;

namespace OrleansMl.Console.Tests.Charts;

public sealed class ChartScaleTests
{
    [Theory]
    [InlineData(0.0, 1.0, "0.0 0.5 1.0")]
    [InlineData(0.31, 2.4, "0 1 2 3")]
    [InlineData(0.0, 20_000.0, "0 10k 20k")]
    [InlineData(5.0, 5.0, "4.5 5.0 5.5")]
    [InlineData(0.0, 0.0, "-1 0 1")]
    public void Marks_are_round_and_hold_all_values(double low, double high, string marks)
    {
        var scale = new ChartScale([low, high], 0, 100, 3);

        Assert.Equal(marks, string.Join(' ', scale.Marks.Select(scale.Label)));
        Assert.InRange(scale.Place(low), 0, 100);
        Assert.InRange(scale.Place(high), 0, 100);
    }

    [Fact]
    public void What_is_no_number_is_left_out()
    {
        var scale = new ChartScale([double.NaN, double.PositiveInfinity, 1, 2], 0, 100, 3);

        Assert.InRange(scale.Place(1), 0, 100);
        Assert.True(scale.Marks.All(double.IsFinite));
        Assert.NotEmpty(new ChartScale([], 0, 100, 3).Marks);
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e300)]
    [InlineData(-3.5)]
    public void Any_size_has_marks(double value)
    {
        var scale = new ChartScale([value, value * 2], 0, 100, 4);

        Assert.InRange(scale.Marks.Count, 2, 12);
        Assert.All(scale.Marks, mark => Assert.NotEmpty(scale.Label(mark)));
    }
}
