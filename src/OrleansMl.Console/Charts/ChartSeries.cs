namespace OrleansMl.Console.Charts;

/// <summary>A curve.</summary>
/// <param name="Name">What it is, for the legend.</param>
/// <param name="Points">Its points, from left to right.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);
