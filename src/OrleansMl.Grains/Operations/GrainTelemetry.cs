using System.Diagnostics.Metrics;

namespace OrleansMl.Grains.Operations;

/// <summary>The grains' metrics. Names and tags never carry what callers send.</summary>
internal static class GrainTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "OrleansMl.Grains";

    private static readonly Meter Meter = new(Name);

    /// <summary>Attempts that ended, by <c>outcome</c>.</summary>
    public static Counter<long> AttemptsEnded { get; } =
        Meter.CreateCounter<long>(
            "oml.training.attempts",
            description: "Attempts that ended, by outcome"
        );

    /// <summary>Runs that ended, by <c>phase</c>.</summary>
    public static Counter<long> RunsEnded { get; } =
        Meter.CreateCounter<long>("oml.training.runs", description: "Runs that ended, by phase");

    /// <summary>Leases of slots that were lost.</summary>
    public static Counter<long> LeasesLost { get; } =
        Meter.CreateCounter<long>(
            "oml.training.leases.lost",
            description: "Leases of compute slots that were lost"
        );

    /// <summary>Runs that wait for a slot.</summary>
    public static Gauge<long> Queue { get; } =
        Meter.CreateGauge<long>("oml.training.queue", description: "Runs that wait for a slot");

    /// <summary>Slots at work.</summary>
    public static Gauge<long> Leases { get; } =
        Meter.CreateGauge<long>("oml.training.leases", description: "Compute slots at work");

    /// <summary>Model versions registered.</summary>
    public static Counter<long> VersionsRegistered { get; } =
        Meter.CreateCounter<long>("oml.models.registered", description: "Versions registered");

    /// <summary>Calls from outside the silos that were refused.</summary>
    public static Counter<long> GrainCallsRefused { get; } =
        Meter.CreateCounter<long>(
            "oml.grain_calls.refused",
            description: "Grain calls from outside the silos without a token that permits them"
        );

    /// <summary>Model versions loaded on this silo, by <c>result</c>.</summary>
    public static Counter<long> Loads { get; } =
        Meter.CreateCounter<long>("oml.predictor.loads", description: "Loads of model versions");

    /// <summary>Seconds that predictions took, waiting for a thread included.</summary>
    public static Histogram<double> PredictionSeconds { get; } =
        Meter.CreateHistogram<double>(
            "oml.predictor.duration",
            "s",
            "Time of a prediction by a loaded model"
        );

    /// <summary>Calls of sequences, by <c>result</c>: applied, or repeated.</summary>
    public static Counter<long> SequenceCalls { get; } =
        Meter.CreateCounter<long>(
            "oml.sequence.calls",
            description: "Calls of sequences, by whether they were applied or repeated an applied one"
        );

    /// <summary>Sequences that are over, by <c>reason</c>.</summary>
    public static Counter<long> SequencesEnded { get; } =
        Meter.CreateCounter<long>(
            "oml.sequence.ends",
            description: "Sequences that ended or expired"
        );

    public static KeyValuePair<string, object?> Tag(string name, object value) =>
        new(name, value.ToString());
}
