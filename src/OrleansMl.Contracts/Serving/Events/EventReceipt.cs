namespace OrleansMl.Contracts.Serving.Events;

/// <summary>What a publisher gets for an event once it is durable.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.EventReceipt")]
public sealed record EventReceipt
{
    /// <summary>The event's id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The partition that it is in, from 0.</summary>
    [Id(1)]
    public required int Partition { get; init; }

    /// <summary>Its place in the partition, from 0, without gaps.</summary>
    [Id(2)]
    public required long Position { get; init; }

    /// <summary>It was there already: partition and position are those of the first time.</summary>
    [Id(3)]
    public bool Duplicate { get; init; }
}
