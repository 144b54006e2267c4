using System.Diagnostics.Metrics;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Metrics of watching.</summary>
internal static class WatchTelemetry
{
    private static readonly Meter Meter = new(GrainTelemetry.Name);

    /// <summary>Calls that were counted.</summary>
    public static Counter<long> Calls { get; } =
        Meter.CreateCounter<long>("oml.watch.calls", description: "Calls that were looked at");

    /// <summary>Copies of calls that were given up, by <c>reason</c>.</summary>
    public static Counter<long> Dropped { get; } =
        Meter.CreateCounter<long>(
            "oml.watch.dropped",
            description: "Copies of calls given up, by reason: queue, loading, versions, payloads, predictions"
        );

    /// <summary>Rows that were outliers.</summary>
    public static Counter<long> Outliers { get; } =
        Meter.CreateCounter<long>("oml.watch.outliers", description: "Rows that were outliers");

    /// <summary>Alerts, by <c>change</c>: raised, cleared.</summary>
    public static Counter<long> Alerts { get; } =
        Meter.CreateCounter<long>(
            "oml.watch.alerts",
            description: "Alerts raised and cleared, by change"
        );

    /// <summary>Rows written into payload data sets.</summary>
    public static Counter<long> PayloadRows { get; } =
        Meter.CreateCounter<long>(
            "oml.watch.payload.rows",
            description: "Rows of calls written into data sets"
        );
}
