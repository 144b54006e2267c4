namespace OrleansMl.Contracts.Serving.Events;

/// <summary>How many dead letters a command was carried out on.</summary>
public sealed record DeadLetterCount
{
    /// <summary>So many.</summary>
    public required long Letters { get; init; }
}
