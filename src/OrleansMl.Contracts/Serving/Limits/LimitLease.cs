namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>A silo's share of a limit for a while.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.LimitLease")]
public sealed record LimitLease
{
    /// <summary>The lease's number.</summary>
    [Id(0)]
    public long Number { get; init; }

    /// <summary>The part of every rate, burst and concurrency, 0 to 1; the parts of all silos make at most 1.</summary>
    [Id(1)]
    public double Share { get; init; }

    /// <summary>For the first lease: seconds for which nobody can have used the limit, so that the buckets have been filling.</summary>
    [Id(2)]
    public double IdleSeconds { get; init; }

    /// <summary>Seconds from the ask on, after which the share is no longer the silo's.</summary>
    [Id(3)]
    public double Seconds { get; init; }

    /// <summary>The answer to the report, if there was one.</summary>
    [Id(4)]
    public UsageGrant? Grant { get; init; }
}
