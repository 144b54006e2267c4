namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What was counted of a model version in one window. Two of them are added.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WindowCounts")]
public sealed record WindowCounts
{
    /// <summary>The window's number: its beginning in seconds since 1970, over the window's length.</summary>
    [Id(0)]
    public required long Window { get; init; }

    /// <summary>Calls counted.</summary>
    [Id(1)]
    public required long Calls { get; init; }

    /// <summary>Rows of these calls.</summary>
    [Id(2)]
    public required long Rows { get; init; }

    /// <summary>Rows that were outliers.</summary>
    [Id(3)]
    public long Outliers { get; init; }

    /// <summary>One an input or output of the profile, in its order.</summary>
    [Id(4)]
    public required IReadOnlyList<FeatureCounts> Features { get; init; }
}
