using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Grains.Datasets;

/// <summary>What a dataset's grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.DatasetState")]
internal sealed record DatasetState
{
    /// <summary>The newest number ever given; none is given twice.</summary>
    [Id(0)]
    public int LastVersion { get; init; }

    [Id(1)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Oldest first.</summary>
    [Id(2)]
    public IReadOnlyList<DatasetVersionEntry> Versions { get; init; } = [];

    [Id(3)]
    public IReadOnlyList<DatasetHold> Holds { get; init; } = [];

    /// <summary>A commit that has its number but not all its traces yet; it is completed before anything else is done.</summary>
    [Id(4)]
    public PendingCommit? Pending { get; init; }

    /// <summary>Oldest first.</summary>
    [Id(5)]
    public IReadOnlyList<DatasetCommand> Commands { get; init; } = [];

    /// <summary>Versions that are gone for readers, but of which records and references have still to go.</summary>
    [Id(6)]
    public IReadOnlyList<int> Deleting { get; init; } = [];
}
