namespace OrleansMl.Contracts.Serving.Limits;

/// <summary>A silo's ask for its share of a limit.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.LimitRenewal")]
public sealed record LimitRenewal
{
    /// <summary>The silo's process.</summary>
    [Id(0)]
    public required string Instance { get; init; }

    /// <summary>The lease that it holds; 0: none.</summary>
    [Id(1)]
    public long Held { get; init; }

    /// <summary>The share of that lease, 0 to 1.</summary>
    [Id(2)]
    public double Share { get; init; }

    /// <summary>What it was asked for lately, in parts of the whole limit: 0.5 is half of it; more than 1 is too much for all silos.</summary>
    [Id(3)]
    public double Demand { get; init; }

    /// <summary>Whether the share is given back.</summary>
    [Id(4)]
    public bool Release { get; init; }

    /// <summary>The policy that it goes by.</summary>
    [Id(5)]
    public required LimitPolicy Policy { get; init; }

    /// <summary>The policy's revision.</summary>
    [Id(6)]
    public long Revision { get; init; }

    /// <summary>What was used; null: to be told another time.</summary>
    [Id(7)]
    public UsageReport? Report { get; init; }
}
