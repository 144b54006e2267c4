namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>The HTTP ask to replace a key's limits.</summary>
public sealed record KeyLimitRequest
{
    /// <summary>The limits; null: the cluster's default.</summary>
    public LimitPolicy? Limits { get; init; }

    /// <summary>Chosen by the caller: a repetition changes nothing.</summary>
    public string? CommandId { get; init; }
}
