namespace OrleansMl.Contracts.Models;

/// <summary>One move of an alias.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AliasChange")]
public sealed record AliasChange
{
    /// <summary>The alias.</summary>
    [Id(0)]
    public required string Alias { get; init; }

    /// <summary>The version that had it.</summary>
    [Id(1)]
    public int? From { get; init; }

    /// <summary>The version that has it; null: removed.</summary>
    [Id(2)]
    public int? To { get; init; }

    /// <summary>When.</summary>
    [Id(3)]
    public DateTimeOffset At { get; init; }

    /// <summary>Why.</summary>
    [Id(4)]
    public string Reason { get; init; } = "";

    /// <summary>Who.</summary>
    [Id(5)]
    public string By { get; init; } = "";
}
