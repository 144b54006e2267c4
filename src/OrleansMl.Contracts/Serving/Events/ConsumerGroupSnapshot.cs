namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A consumer group as readers get it.</summary>
public sealed record ConsumerGroupSnapshot
{
    /// <summary>The topic that it consumes.</summary>
    public required string Topic { get; init; }

    /// <summary>Its name.</summary>
    public required string Group { get; init; }

    /// <summary>Who consumes for it.</summary>
    public required GroupKind Kind { get; init; }

    /// <summary>How it is served.</summary>
    public required ConsumerGroupSpec Spec { get; init; }

    /// <summary>Subscriptions: what is done with the events.</summary>
    public SubscriptionSpec? Subscription { get; init; }

    /// <summary>Nothing is delivered while it is.</summary>
    public bool Paused { get; init; }

    /// <summary>Why it is paused; empty: not said.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Counts the changes.</summary>
    public required long Revision { get; init; }

    /// <summary>Part of the ids of a subscription's answers: set when it is made, one more with each ask to recompute.</summary>
    public required long Epoch { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Events not consumed.</summary>
    public required long Lag { get; init; }

    /// <summary>Dead letters.</summary>
    public required long Dead { get; init; }

    /// <summary>Where it stands: the next position of each partition, with commas.</summary>
    public required string Position { get; init; }

    /// <summary>Its partitions.</summary>
    public required IReadOnlyList<GroupPartition> Partitions { get; init; }
}
