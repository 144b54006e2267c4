namespace OrleansMl.Console.Charts;

/// <summary>A point of a curve, in the units of its axes.</summary>
/// <param name="X">Across.</param>
/// <param name="Y">Up.</param>
public readonly record struct ChartPoint(double X, double Y);
