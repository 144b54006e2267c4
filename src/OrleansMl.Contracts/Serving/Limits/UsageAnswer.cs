namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>The HTTP answer to what a key or model has used. Counts are those that silos have reported: up to the flush time old.</summary>
public sealed record UsageAnswer
{
    /// <summary>The key's id or the model's name.</summary>
    public required string Subject { get; init; }

    /// <summary>Its limits; null: none.</summary>
    public LimitPolicy? Limits { get; init; }

    /// <summary>Whether the limits are the cluster's default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The day (UTC) of <see cref="Today"/>.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The day's counts.</summary>
    public required UsageCounts Today { get; init; }

    /// <summary>The counts of the day's month.</summary>
    public required UsageCounts Month { get; init; }

    /// <summary>Requests that silos have set aside and not reported as used.</summary>
    public long ReservedRequests { get; init; }

    /// <summary>Rows that silos have set aside and not reported as used.</summary>
    public long ReservedRows { get; init; }

    /// <summary>What is left of the quotas, beyond what is used or set aside; null members: not limited.</summary>
    public required QuotaRest Remaining { get; init; }
}
