namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>The HTTP ask to do something with a canary.</summary>
public sealed record CanaryActionRequest
{
    /// <summary>What: <c>advance</c>, <c>promote</c> or <c>rollBack</c>.</summary>
    public required CanaryAction Action { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Chosen by the caller: the same id does nothing again.</summary>
    public string? CommandId { get; init; }
}
