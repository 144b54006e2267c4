namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A consumer has done what it does with events; or an event failed.</summary>
public sealed record AckRequest
{
    /// <summary>The partition.</summary>
    public required int Partition { get; init; }

    /// <summary>The fetched partition's token.</summary>
    public required long Fence { get; init; }

    /// <summary>All before this position is done; null: as before.</summary>
    public long? Next { get; init; }

    /// <summary>Positions of retried dead letters that are done.</summary>
    public IReadOnlyList<long> Retried { get; init; } = [];
}
