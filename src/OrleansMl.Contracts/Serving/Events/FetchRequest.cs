namespace OrleansMl.Contracts.Serving.Events;

/// <summary>An outside consumer's ask for events.</summary>
public sealed record FetchRequest
{
    /// <summary>The consumer's own name in its group, 1 to 200 characters.</summary>
    public required string Consumer { get; init; }

    /// <summary>The most events, 1 to 1,000. Default 100.</summary>
    public int Max { get; init; } = 100;

    /// <summary>Seconds to wait where there is nothing, 0 to 60. Default 0.</summary>
    public double WaitSeconds { get; init; }
}
