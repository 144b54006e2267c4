namespace OrleansMl.Contracts.Trust;

/// <summary>The HTTP ask for a new secret.</summary>
public sealed record ApiKeyRotationRequest
{
    /// <summary>Seconds in which the old secret is still taken, 0 to 2,592,000 (30 days). Default: 86,400, a day.</summary>
    public double? GraceSeconds { get; init; }

    /// <summary>Chosen by the caller: a repetition makes no second secret; its answer has none.</summary>
    public string? CommandId { get; init; }
}
