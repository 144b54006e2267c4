namespace OrleansMl.Contracts.Serving.Events;

/// <summary>The events are durable.</summary>
public sealed record PublishAnswer
{
    /// <summary>One an event, in their order.</summary>
    public required IReadOnlyList<EventReceipt> Receipts { get; init; }
}
