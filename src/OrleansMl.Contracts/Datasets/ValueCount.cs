namespace OrleansMl.Contracts.Datasets;

/// <summary>How often a value of a column occurs.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ValueCount")]
public sealed record ValueCount
{
    /// <summary>The value as text; whole numbers and booleans in invariant form.</summary>
    [Id(0)]
    public required string Value { get; init; }

    /// <summary>Rows that have it.</summary>
    [Id(1)]
    public required long Count { get; init; }
}
