namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Events to publish, all or none.</summary>
public sealed record PublishRequest
{
    /// <summary>1 to 1,000 events.</summary>
    public required IReadOnlyList<EventRequest> Events { get; init; }
}
