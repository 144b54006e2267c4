using System.Globalization;

namespace OrleansMl.Console.Charts;

/// <summary>An axis: from values to places, with marks at round values.</summary>
internal sealed class ChartScale
{
    private readonly double _from;
    private readonly double _to;
    private readonly double _low;
    private readonly double _high;

    /// <summary>Makes an axis.</summary>
    /// <param name="values">What it has to show; what is not finite is left out.</param>
    /// <param name="from">The place of its lowest value.</param>
    /// <param name="to">The place of its highest.</param>
    /// <param name="marks">Marks wanted, about.</param>
    public ChartScale(IEnumerable<double> values, double from, double to, int marks)
    {
        (_from, _to) = (from, to);
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high)
            (low, high) = (0, 1);
        // A curve without height lies in the middle.
        if (low == high)
        {
            var around = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - around, high + around);
        }
        Step = Round((high - low) / marks);
        _low = Math.Floor(low / Step) * Step;
        _high = Math.Ceiling(high / Step) * Step;
        var count = (int)Math.Round((_high - _low) / Step);
        Marks = [.. Enumerable.Range(0, count + 1).Select(at => _low + (at * Step))];
    }

    /// <summary>Between two marks: 1, 2 or 5 times a power of ten.</summary>
    public double Step { get; }

    /// <summary>The marks' values, ascending.</summary>
    public IReadOnlyList<double> Marks { get; }

    /// <summary>The place of a value.</summary>
    public double Place(double value) => _from + ((value - _low) / (_high - _low) * (_to - _from));

    /// <summary>A mark's text.</summary>
    public string Label(double mark)
    {
        var rounded = Math.Abs(mark) < Step / 1e6 ? 0 : mark;
        if (Math.Abs(rounded) >= 1e6 || Step < 1e-4)
            return rounded.ToString("0.##e+0", CultureInfo.InvariantCulture);
        if (Math.Abs(rounded) >= 10_000)
            return (rounded / 1000).ToString("0.#", CultureInfo.InvariantCulture) + "k";
        var digits = Math.Max(0, -(int)Math.Floor(Math.Log10(Step)));
        return rounded.ToString($"F{digits}", CultureInfo.InvariantCulture);
    }

    private static double Round(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch
        {
            <= 1.0000001 => power,
            <= 2.0000001 => 2 * power,
            <= 5.0000001 => 5 * power,
            _ => 10 * power,
        };
    }
}
