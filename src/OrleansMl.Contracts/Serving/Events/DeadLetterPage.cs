namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Dead letters of a group, oldest first.</summary>
public sealed record DeadLetterPage
{
    /// <summary>They.</summary>
    public required IReadOnlyList<DeadLetter> Letters { get; init; }
}
