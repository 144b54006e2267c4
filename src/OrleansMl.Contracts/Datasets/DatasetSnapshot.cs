namespace OrleansMl.Contracts.Datasets;

/// <summary>What readers get of a dataset.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetSnapshot")]
public sealed record DatasetSnapshot
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Newest version; 0 when every version was deleted.</summary>
    [Id(1)]
    public required int LatestVersion { get; init; }

    /// <summary>The versions there are.</summary>
    [Id(2)]
    public required IReadOnlyList<int> Versions { get; init; }

    /// <summary>Who needs which version.</summary>
    [Id(3)]
    public IReadOnlyList<DatasetHold> Holds { get; init; } = [];

    /// <summary>The newest version's manifest.</summary>
    [Id(4)]
    public DatasetManifest? Latest { get; init; }
}
