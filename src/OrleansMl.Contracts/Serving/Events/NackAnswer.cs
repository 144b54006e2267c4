namespace OrleansMl.Contracts.Serving.Events;

/// <summary>What became of an event that failed.</summary>
public sealed record NackAnswer
{
    /// <summary>Its failed tries.</summary>
    public required int Tries { get; init; }

    /// <summary>It is a dead letter now, and the group goes on behind it.</summary>
    public required bool Dead { get; init; }
}
