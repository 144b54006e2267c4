namespace OrleansMl.Contracts.Datasets;

/// <summary>How to put rows into the splits train, validation and test.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SplitPolicy")]
public sealed record SplitPolicy
{
    /// <summary>The method.</summary>
    [Id(0)]
    public SplitKind Kind { get; init; }

    /// <summary>Seed of the hash or sequence.</summary>
    [Id(1)]
    public long Seed { get; init; } = 42;

    /// <summary>Share of the rows (of those not given as test) that validate, 0 to below 1.</summary>
    [Id(2)]
    public double Validation { get; init; } = 0.1;

    /// <summary>Share of the rows that test, 0 to below 1; unused when the source names its test rows.</summary>
    [Id(3)]
    public double Test { get; init; } = 0.1;

    /// <summary>Column whose values keep their shares in every split.</summary>
    [Id(4)]
    public string? StratifyBy { get; init; }

    /// <summary>Given: the column that names each row's split.</summary>
    [Id(5)]
    public string? Column { get; init; }
}
