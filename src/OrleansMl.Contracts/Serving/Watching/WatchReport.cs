namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What one silo counted of one model version: all its windows that are not yet durable, each whole, so that a repeat changes nothing.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WatchReport")]
public sealed record WatchReport
{
    /// <summary>The silo's start that reports; another start counts from 0.</summary>
    [Id(0)]
    public required string Reporter { get; init; }

    /// <summary>The version.</summary>
    [Id(1)]
    public required int Version { get; init; }

    /// <summary>The profile that was counted by: reports by another one are refused.</summary>
    [Id(2)]
    public required string Profile { get; init; }

    /// <summary>The windows, each with all that this silo counted in it so far.</summary>
    [Id(3)]
    public required IReadOnlyList<WindowCounts> Windows { get; init; }

    /// <summary>The newest outliers.</summary>
    [Id(4)]
    public IReadOnlyList<OutlierExample> Outliers { get; init; } = [];
}
