using System.Diagnostics.Metrics;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Schedules;

/// <summary>Metrics of schedules.</summary>
internal static class ScheduleTelemetry
{
    private static readonly Meter Meter = new(GrainTelemetry.Name);

    /// <summary>Firings, by <c>outcome</c>.</summary>
    public static Counter<long> Firings { get; } =
        Meter.CreateCounter<long>(
            "oml.schedules.firings",
            description: "Firings of schedules, by outcome: started, overlapped, missed, failed"
        );

    /// <summary>Seconds from the time when a firing was due, jitter included, until its job was submitted.</summary>
    public static Histogram<double> LateSeconds { get; } =
        Meter.CreateHistogram<double>(
            "oml.schedules.late",
            "s",
            "Time from when a firing was due until its job was submitted"
        );
}
