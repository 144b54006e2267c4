namespace OrleansMl.Contracts.Datasets;

/// <summary>A dataset in a list: the catalogue's summary, JSON by <see cref="ContractsJson"/>. The figures are its newest version's.</summary>
public sealed record DatasetSummary
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Newest version.</summary>
    public required int LatestVersion { get; init; }

    /// <summary>How many versions there are.</summary>
    public required int Versions { get; init; }

    /// <summary>Rows in all splits.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes of all shards.</summary>
    public required long Bytes { get; init; }

    /// <summary>How many columns.</summary>
    public required int Columns { get; init; }

    /// <summary>Rows by split.</summary>
    public IReadOnlyDictionary<string, long> Splits { get; init; } = new Dictionary<string, long>();

    /// <summary>Where the newest version came from, for people; at most 500 characters.</summary>
    public string Source { get; init; } = "";

    /// <summary>When the first version was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the newest version was made.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
