namespace OrleansMl.Contracts.Serving.Events;

/// <summary>How a topic keeps its events.</summary>
public sealed record TopicSpec
{
    /// <summary>All defaults.</summary>
    public static TopicSpec Default { get; } = new();

    /// <summary>Partitions, 1 to 64: each keeps an order and is consumed by one consumer of a group at a time. Fixed when the topic is made, because a key must stay where it is. Default 4.</summary>
    public int Partitions { get; init; } = 4;

    /// <summary>The most bytes of an event's payload, 1 to 1,048,576. What is larger belongs into the artifact store, its id into the event. Default 262,144.</summary>
    public int MaxEventBytes { get; init; } = 256 * 1024;

    /// <summary>Events that a group may be behind before publishers are told to come back later, 1 to 1,000,000,000. Default 1,000,000.</summary>
    public long MaxBacklog { get; init; } = 1_000_000;

    /// <summary>Hours that events are kept, above 0 up to 87,600; what a group has not consumed is kept whatever its age. Default 168.</summary>
    public double RetentionHours { get; init; } = 168;

    /// <summary>Bytes of payloads that are kept, from 1,048,576; what a group has not consumed is kept beyond that. Default 1 GiB.</summary>
    public long RetentionBytes { get; init; } = 1L << 30;

    /// <summary>Hours that an event's id is remembered, so that it is not appended a second time; 0: for ever. Default 168.</summary>
    public double DedupeHours { get; init; } = 168;
}
