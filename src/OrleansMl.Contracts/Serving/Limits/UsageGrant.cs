namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>What a silo may let through of a key's quotas.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.UsageGrant")]
public sealed record UsageGrant
{
    /// <summary>The day (UTC) that it holds for.</summary>
    [Id(0)]
    public required DateOnly Day { get; init; }

    /// <summary>Requests more than before; 0: none are left.</summary>
    [Id(1)]
    public long Requests { get; init; }

    /// <summary>Rows more than before; 0: none are left.</summary>
    [Id(2)]
    public long Rows { get; init; }

    /// <summary>Seconds until the quota that is used up begins anew; 0: none is.</summary>
    [Id(3)]
    public double ExhaustedSeconds { get; init; }

    /// <summary>Which is used up: <c>requestsPerDay</c> and so on; empty: none.</summary>
    [Id(4)]
    public string Exhausted { get; init; } = "";

    /// <summary>Requests of the day that nobody has used or set aside; null: not limited.</summary>
    [Id(5)]
    public long? DayRequestsLeft { get; init; }

    /// <summary>Requests of the month that nobody has used or set aside; null: not limited.</summary>
    [Id(6)]
    public long? MonthRequestsLeft { get; init; }
}
