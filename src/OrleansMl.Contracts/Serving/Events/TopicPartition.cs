namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Where a partition begins and ends.</summary>
public sealed record TopicPartition
{
    /// <summary>Its number, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>The oldest position that is kept.</summary>
    public required long First { get; init; }

    /// <summary>The position that the next event gets.</summary>
    public required long Next { get; init; }

    /// <summary>Bytes of the payloads that are kept.</summary>
    public required long Bytes { get; init; }
}
