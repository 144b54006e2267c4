using OrleansMl.Contracts.Models;

namespace OrleansMl.Contracts.Serving;

/// <summary>A model version on a silo that loads, has or failed to load it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelResidence")]
public sealed record ModelResidence
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required ModelVersionId Version { get; init; }

    /// <summary>The silo's name.</summary>
    [Id(1)]
    public required string Silo { get; init; }

    /// <summary>Whether it answers.</summary>
    [Id(2)]
    public required ModelResidenceState State { get; init; }

    /// <summary>Why it does not; empty when it does.</summary>
    [Id(3)]
    public string Reason { get; init; } = "";

    /// <summary>Memory that it counts for in the silo's budget.</summary>
    [Id(4)]
    public long MemoryBytes { get; init; }

    /// <summary>Rows that are run together at most; 1: never batched.</summary>
    [Id(5)]
    public int MaxBatchSize { get; init; } = 1;

    /// <summary>Why the version is never batched; empty when it is.</summary>
    [Id(6)]
    public string Unbatched { get; init; } = "";

    /// <summary>Calls that wait at it.</summary>
    [Id(7)]
    public int Waiting { get; init; }

    /// <summary>When it was last called; null: not since it was loaded.</summary>
    [Id(8)]
    public DateTimeOffset? UsedAt { get; init; }
}
