namespace OrleansMl.Contracts.Serving.Events;

/// <summary>All topics, by name.</summary>
public sealed record TopicList
{
    /// <summary>They.</summary>
    public required IReadOnlyList<TopicSnapshot> Topics { get; init; }
}
