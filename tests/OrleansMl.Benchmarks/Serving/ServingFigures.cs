namespace OrleansMl.Benchmarks.Serving;

/// <summary>What one load gave.</summary>
/// <param name="PerSecond">Requests answered a second.</param>
/// <param name="Processor">Processor time of the server a request, in microseconds.</param>
/// <param name="Median">Of the time from a request to its answer, in microseconds.</param>
internal sealed record ServingFigures(double PerSecond, double Processor, double Median);
