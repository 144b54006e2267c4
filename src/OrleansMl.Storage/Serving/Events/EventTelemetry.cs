using System.Diagnostics.Metrics;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Metrics of topics; tags are names of topics and groups, of which there is a bounded number.</summary>
internal static class EventTelemetry
{
    private static readonly Meter Meter = new("OrleansMl.Storage");

    /// <summary>Events appended by this silo, by <c>topic</c>; repeated ones don't count.</summary>
    public static Counter<long> Published { get; } =
        Meter.CreateCounter<long>("oml.events.published", description: "Events appended, by topic");

    /// <summary>Events consumed through this silo, by <c>topic</c> and <c>group</c>.</summary>
    public static Counter<long> Consumed { get; } =
        Meter.CreateCounter<long>(
            "oml.events.consumed",
            description: "Events of which the effect was committed, by topic and group"
        );

    /// <summary>Dead letters made through this silo, by <c>topic</c> and <c>group</c>.</summary>
    public static Counter<long> Dead { get; } =
        Meter.CreateCounter<long>(
            "oml.events.dead",
            description: "Events given up, by topic and group"
        );

    /// <summary>Events not consumed, by <c>topic</c> and <c>group</c>, as this silo last saw it.</summary>
    public static Gauge<long> Lag { get; } =
        Meter.CreateGauge<long>(
            "oml.events.lag",
            description: "Events not consumed, by topic and group"
        );

    public static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
