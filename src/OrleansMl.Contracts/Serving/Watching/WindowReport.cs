namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>A version's calls over some time.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WindowReport")]
public sealed record WindowReport
{
    /// <summary>From.</summary>
    [Id(0)]
    public required DateTimeOffset From { get; init; }

    /// <summary>To.</summary>
    [Id(1)]
    public required DateTimeOffset To { get; init; }

    /// <summary>Calls counted.</summary>
    [Id(2)]
    public required long Calls { get; init; }

    /// <summary>Their rows.</summary>
    [Id(3)]
    public required long Rows { get; init; }

    /// <summary>Rows that were outliers; null: not looked for.</summary>
    [Id(4)]
    public long? Outliers { get; init; }

    /// <summary>One an input or output.</summary>
    [Id(5)]
    public required IReadOnlyList<FeatureReport> Features { get; init; }
}
