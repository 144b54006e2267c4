namespace OrleansMl.Contracts.Serving.Events;

/// <summary>A consumer could not do what it does with an event.</summary>
public sealed record NackRequest
{
    /// <summary>The partition.</summary>
    public required int Partition { get; init; }

    /// <summary>The fetched partition's token.</summary>
    public required long Fence { get; init; }

    /// <summary>The event's position: all before it is done.</summary>
    public required long Position { get; init; }

    /// <summary>Why it failed, kept with it: at most 2,000 characters.</summary>
    public required string Error { get; init; }
}
