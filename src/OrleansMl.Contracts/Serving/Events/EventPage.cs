namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Events from a position on.</summary>
public sealed record EventPage
{
    /// <summary>The events, each partition's in its order.</summary>
    public required IReadOnlyList<EventRecord> Events { get; init; }

    /// <summary>What to ask for next, as <c>from</c>: the next position of each partition, with commas.</summary>
    public required string Next { get; init; }
}
