using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What is seen of a version's live calls.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WatchedVersion")]
public sealed record WatchedVersion
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>Aliases that point at it.</summary>
    [Id(1)]
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>What it is compared with; null: nothing is known to compare with.</summary>
    [Id(2)]
    public DatasetVersionId? Reference { get; init; }

    /// <summary>What is not watched, or not compared, and why.</summary>
    [Id(3)]
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Since the version was first watched under this policy, the open window included.</summary>
    [Id(4)]
    public required WindowReport Total { get; init; }

    /// <summary>Windows, newest first; the first may be open.</summary>
    [Id(5)]
    public required IReadOnlyList<WindowReport> Windows { get; init; }

    /// <summary>The newest outliers, newest first.</summary>
    [Id(6)]
    public IReadOnlyList<OutlierExample> Outliers { get; init; } = [];
}
