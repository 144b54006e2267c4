namespace OrleansMl.Contracts.Serving.Events;

/// <summary>How a group of outside consumers is served.</summary>
public sealed record ConsumerGroupSpec
{
    /// <summary>Where a new group begins: <c>earliest</c>, <c>latest</c>, a time (ISO 8601) or positions. An existing group stays where it is. Default <c>earliest</c>.</summary>
    public string Start { get; init; } = "earliest";

    /// <summary>Failed tries after which an event becomes a dead letter, 1 to 1,000. Default 5.</summary>
    public int MaxTries { get; init; } = 5;

    /// <summary>Seconds without a fetch or an acknowledgement after which a consumer's partitions go to another, 1 to 3,600. Default 30.</summary>
    public double LeaseSeconds { get; init; } = 30;
}
