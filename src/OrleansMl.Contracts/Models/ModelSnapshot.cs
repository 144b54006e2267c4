namespace OrleansMl.Contracts.Models;

/// <summary>What readers get of a model.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelSnapshot")]
public sealed record ModelSnapshot
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Newest version.</summary>
    [Id(1)]
    public required int LatestVersion { get; init; }

    /// <summary>Alias to version.</summary>
    [Id(2)]
    public required IReadOnlyDictionary<string, int> Aliases { get; init; }

    /// <summary>Moves of aliases, newest first, at most the last 1,000.</summary>
    [Id(3)]
    public IReadOnlyList<AliasChange> History { get; init; } = [];

    /// <summary>When its first version was registered.</summary>
    [Id(4)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether its versions are pipelines of other models.</summary>
    [Id(5)]
    public bool IsPipeline { get; init; }
}
