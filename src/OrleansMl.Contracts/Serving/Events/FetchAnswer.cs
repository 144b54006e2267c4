namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Events for a consumer, of the partitions that are its own for now.</summary>
public sealed record FetchAnswer
{
    /// <summary>One a partition that has events; they come again with the next fetch until they are acknowledged.</summary>
    public required IReadOnlyList<FetchedPartition> Partitions { get; init; }
}
