using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>What a model's watch grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.ModelWatchState")]
internal sealed record ModelWatchState
{
    [Id(0)]
    public IReadOnlyList<VersionWatchState> Versions { get; init; } = [];

    /// <summary>Those that stand, and the last that were cleared; oldest first.</summary>
    [Id(1)]
    public IReadOnlyList<AlertSnapshot> Alerts { get; init; } = [];

    /// <summary>Changes of alerts that are still to be published, oldest first.</summary>
    [Id(2)]
    public IReadOnlyList<AlertNotice> Unpublished { get; init; } = [];

    /// <summary>Windows of quality that begin up to then, in seconds since 1970, were judged.</summary>
    [Id(3)]
    public long QualityThrough { get; init; } = -1;

    /// <summary>By rule and version: measurements of quality past the bound, one after the other.</summary>
    [Id(4)]
    public IReadOnlyDictionary<string, int> QualityStreaks { get; init; } =
        new Dictionary<string, int>();
}
