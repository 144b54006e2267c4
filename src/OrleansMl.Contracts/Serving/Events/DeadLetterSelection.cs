namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Which dead letters of a group are meant.</summary>
public sealed record DeadLetterSelection
{
    /// <summary>Their ids, at most 1,000; none: all of the group.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];
}
