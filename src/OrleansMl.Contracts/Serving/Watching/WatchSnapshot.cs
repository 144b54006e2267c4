namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What is seen of a model's live calls.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.WatchSnapshot")]
public sealed record WatchSnapshot
{
    /// <summary>The model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>The versions that were called, newest first.</summary>
    [Id(1)]
    public required IReadOnlyList<WatchedVersion> Versions { get; init; }

    /// <summary>Alerts that stand.</summary>
    [Id(2)]
    public IReadOnlyList<AlertSnapshot> Alerts { get; init; } = [];

    /// <summary>How right predictions were: by version, newest first, then by what callers named.</summary>
    [Id(3)]
    public IReadOnlyList<WatchedQuality> Quality { get; init; } = [];
}
