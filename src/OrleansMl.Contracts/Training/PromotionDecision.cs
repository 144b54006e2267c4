namespace OrleansMl.Contracts.Training;

/// <summary>Whether a new version took an alias, and why.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.PromotionDecision")]
public sealed record PromotionDecision
{
    /// <summary>The alias.</summary>
    [Id(0)]
    public required string Alias { get; init; }

    /// <summary>Whether it moved.</summary>
    [Id(1)]
    public required bool Promoted { get; init; }

    /// <summary>Each rule with the figures on both sides.</summary>
    [Id(2)]
    public required string Reason { get; init; }

    /// <summary>The version that had it before.</summary>
    [Id(3)]
    public int? Previous { get; init; }
}
