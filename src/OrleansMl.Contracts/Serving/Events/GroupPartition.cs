namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Where a group stands in a partition.</summary>
public sealed record GroupPartition
{
    /// <summary>The partition.</summary>
    public required int Partition { get; init; }

    /// <summary>The next position that it consumes; all before is done.</summary>
    public required long Position { get; init; }

    /// <summary>Events not consumed.</summary>
    public required long Lag { get; init; }

    /// <summary>Who consumes it; null: no one.</summary>
    public string? Owner { get; init; }

    /// <summary>Counts the owners: what an earlier one commits is refused.</summary>
    public required long Fence { get; init; }

    /// <summary>Failed tries of what is at the position.</summary>
    public int Tries { get; init; }

    /// <summary>Why the last one failed; null: none did.</summary>
    public string? LastError { get; init; }
}
