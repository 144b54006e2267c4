namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A partition's events for a consumer.</summary>
public sealed record FetchedPartition
{
    /// <summary>The partition.</summary>
    public required int Partition { get; init; }

    /// <summary>The token that an acknowledgement carries.</summary>
    public required long Fence { get; init; }

    /// <summary>Events in their order.</summary>
    public required IReadOnlyList<EventRecord> Events { get; init; }

    /// <summary>Dead letters that are to be tried again.</summary>
    public IReadOnlyList<EventRecord> Retried { get; init; } = [];
}
