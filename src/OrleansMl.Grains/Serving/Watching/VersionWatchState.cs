using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>What is kept of a watched version.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.VersionWatchState")]
internal sealed record VersionWatchState
{
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>The profile's key: counts by another one say something else.</summary>
    [Id(1)]
    public required string Profile { get; init; }

    /// <summary>All closed windows together; null: none yet.</summary>
    [Id(2)]
    public WindowCounts? Total { get; init; }

    /// <summary>The newest closed windows, oldest first.</summary>
    [Id(3)]
    public IReadOnlyList<WindowCounts> Closed { get; init; } = [];

    /// <summary>Windows up to this number are closed.</summary>
    [Id(4)]
    public long ClosedThrough { get; init; } = -1;

    /// <summary>When the first call was counted.</summary>
    [Id(5)]
    public DateTimeOffset Since { get; init; }

    /// <summary>By rule and feature: measurements past the bound, one after the other.</summary>
    [Id(6)]
    public IReadOnlyDictionary<string, int> Streaks { get; init; } = new Dictionary<string, int>();
}
