namespace OrleansMl.Contracts.Serving.Events;

/// <summary>The ask to pause a group.</summary>
public sealed record PauseRequest
{
    /// <summary>Why, for those who look.</summary>
    public string Reason { get; init; } = "";
}
