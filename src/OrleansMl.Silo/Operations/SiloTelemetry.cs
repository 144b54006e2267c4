using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansMl.Silo.Operations;

/// <summary>The silo's own metrics and traces.</summary>
internal static class SiloTelemetry
{
    /// <summary>Name of the meter and of the trace source.</summary>
    public const string Name = "OrleansMl.Silo";

    private static readonly Meter Meter = new(Name);

    /// <summary>Traces of attempts.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Attempts ended, by <c>outcome</c>.</summary>
    public static Counter<long> Attempts { get; } =
        Meter.CreateCounter<long>(
            "oml.worker.attempts",
            description: "Attempts that ended on this silo, by outcome"
        );

    /// <summary>Bytes of checkpoints stored.</summary>
    public static Counter<long> CheckpointBytes { get; } =
        Meter.CreateCounter<long>(
            "oml.worker.checkpoint.size",
            "By",
            "Bytes of checkpoints stored"
        );

    /// <summary>Seconds from a checkpoint's arrival to its acceptance.</summary>
    public static Histogram<double> CheckpointSeconds { get; } =
        Meter.CreateHistogram<double>(
            "oml.worker.checkpoint.duration",
            "s",
            "Time to store and report a checkpoint"
        );

    /// <summary>A worker's resident memory, by <c>slot</c>.</summary>
    public static Gauge<long> ResidentBytes { get; } =
        Meter.CreateGauge<long>("oml.worker.memory", "By", "Resident memory of a slot's worker");
}
