namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>What is left of quotas; null: not limited.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.QuotaRest")]
public sealed record QuotaRest
{
    /// <summary>Requests of the day.</summary>
    [Id(0)]
    public long? RequestsToday { get; init; }

    /// <summary>Rows of the day.</summary>
    [Id(1)]
    public long? RowsToday { get; init; }

    /// <summary>Requests of the month.</summary>
    [Id(2)]
    public long? RequestsThisMonth { get; init; }

    /// <summary>Rows of the month.</summary>
    [Id(3)]
    public long? RowsThisMonth { get; init; }
}
