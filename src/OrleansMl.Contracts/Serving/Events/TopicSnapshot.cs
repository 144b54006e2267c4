namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A topic as readers get it.</summary>
public sealed record TopicSnapshot
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How it keeps events.</summary>
    public required TopicSpec Spec { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its partitions.</summary>
    public required IReadOnlyList<TopicPartition> Partitions { get; init; }

    /// <summary>Events that the group furthest behind has not consumed; 0 without groups.</summary>
    public long Backlog { get; init; }

    /// <summary>Its groups' names.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}
