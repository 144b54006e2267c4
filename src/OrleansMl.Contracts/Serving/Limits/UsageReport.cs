namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>What a silo used since its last report, and what it needs.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.UsageReport")]
public sealed record UsageReport
{
    /// <summary>The silo's process.</summary>
    [Id(0)]
    public required string Instance { get; init; }

    /// <summary>Grows with each report; the same report is repeated under the same number.</summary>
    [Id(1)]
    public required long Number { get; init; }

    /// <summary>The day of what was set aside and is used here.</summary>
    [Id(2)]
    public DateOnly Day { get; init; }

    /// <summary>What was used.</summary>
    [Id(3)]
    public required UsageCounts Used { get; init; }

    /// <summary>Requests that are given back.</summary>
    [Id(4)]
    public long ReturnedRequests { get; init; }

    /// <summary>Rows that are given back.</summary>
    [Id(5)]
    public long ReturnedRows { get; init; }

    /// <summary>Requests to set aside, as many as the silo expects to need.</summary>
    [Id(6)]
    public long WantedRequests { get; init; }

    /// <summary>Rows to set aside.</summary>
    [Id(7)]
    public long WantedRows { get; init; }

    /// <summary>Requests that a caller waits for: fewer are of no use.</summary>
    [Id(8)]
    public long NeededRequests { get; init; }

    /// <summary>Rows that a caller waits for.</summary>
    [Id(9)]
    public long NeededRows { get; init; }
}
