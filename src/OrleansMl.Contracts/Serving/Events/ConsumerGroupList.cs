namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A topic's groups, by name.</summary>
public sealed record ConsumerGroupList
{
    /// <summary>They.</summary>
    public required IReadOnlyList<ConsumerGroupSnapshot> Groups { get; init; }
}
