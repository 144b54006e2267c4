namespace OrleansMl.Contracts.Models;

/// <summary>A model in a list: the catalogue's summary, JSON by <see cref="ContractsJson"/>.</summary>
public sealed record ModelSummary
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Newest version.</summary>
    public required int LatestVersion { get; init; }

    /// <summary>Alias to version.</summary>
    public required IReadOnlyDictionary<string, int> Aliases { get; init; }

    /// <summary>When its first version was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its newest version was registered.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether its versions are pipelines of other models.</summary>
    public bool IsPipeline { get; init; }
}
