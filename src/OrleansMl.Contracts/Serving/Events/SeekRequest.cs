namespace OrleansMl.Contracts.Serving.Events;

/// <summary>The ask to consume anew from somewhere.</summary>
public sealed record SeekRequest
{
    /// <summary><c>earliest</c>, <c>latest</c>, a time (ISO 8601) or the next position of each partition, with commas.</summary>
    public required string Position { get; init; }

    /// <summary>Subscriptions: answers are given anew, as new events, even to events that were answered before. Otherwise an event that was answered is not answered again.</summary>
    public bool Recompute { get; init; }
}
