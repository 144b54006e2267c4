namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>A key's or model's counts of the current day and month, and what silos have set aside of them.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.UsageLedger")]
public sealed record UsageLedger
{
    /// <summary>The day (UTC) of <see cref="Today"/>.</summary>
    [Id(0)]
    public DateOnly Day { get; init; }

    /// <summary>The day's counts.</summary>
    [Id(1)]
    public UsageCounts Today { get; init; } = new();

    /// <summary>The counts of the day's month.</summary>
    [Id(2)]
    public UsageCounts Month { get; init; } = new();

    /// <summary>What silos have set aside.</summary>
    [Id(3)]
    public IReadOnlyList<UsageHolding> Holdings { get; init; } = [];

    /// <summary>The newest policy's revision that was told.</summary>
    [Id(4)]
    public long Revision { get; init; }

    /// <summary>That policy.</summary>
    [Id(5)]
    public LimitPolicy Policy { get; init; } = new();
}
