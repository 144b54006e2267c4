namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>What one silo has set aside of a key's quotas, and its last report.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.UsageHolding")]
public sealed record UsageHolding
{
    /// <summary>The silo's process.</summary>
    [Id(0)]
    public required string Instance { get; init; }

    /// <summary>Its last report's number: a repeated report changes nothing.</summary>
    [Id(1)]
    public required long Number { get; init; }

    /// <summary>The day of what is set aside.</summary>
    [Id(2)]
    public required DateOnly Day { get; init; }

    /// <summary>Requests set aside and not reported as used.</summary>
    [Id(3)]
    public long Requests { get; init; }

    /// <summary>Rows set aside and not reported as used.</summary>
    [Id(4)]
    public long Rows { get; init; }

    /// <summary>What the last report was granted, to say it again.</summary>
    [Id(5)]
    public required UsageGrant Grant { get; init; }

    /// <summary>When it reported last.</summary>
    [Id(6)]
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>Whether it gave its share of the rates back then.</summary>
    [Id(7)]
    public bool IsReleased { get; init; }
}
