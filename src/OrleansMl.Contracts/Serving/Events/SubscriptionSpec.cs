namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A model answers each event of a topic; the answers are events of another topic. Each event has its effect exactly once.</summary>
public sealed record SubscriptionSpec
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>A version's number, an alias or <c>latest</c>; empty: as on demand, the model's traffic decides, else <c>champion</c>, else the newest.</summary>
    public string Version { get; init; } = "";

    /// <summary>The topic that gets the answers; it must exist and be another than the one consumed.</summary>
    public required string Output { get; init; }

    /// <summary>How an event's payload becomes the model's input.</summary>
    public EventMapping Input { get; init; } = new();

    /// <summary>The most events that one call of the model answers, 1 to 1,000. Default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Where a new subscription begins: <c>earliest</c>, <c>latest</c>, a time (ISO 8601) or positions. An existing one stays where it is. Default <c>earliest</c>.</summary>
    public string Start { get; init; } = "earliest";

    /// <summary>Failed tries of an event after which <see cref="OnExhausted"/> applies, 1 to 1,000. An event that the model can never take is not tried again. Default 5.</summary>
    public int MaxTries { get; init; } = 5;

    /// <summary>What happens then. Default <see cref="ExhaustedPolicy.DeadLetter"/>.</summary>
    public ExhaustedPolicy OnExhausted { get; init; } = ExhaustedPolicy.DeadLetter;
}
