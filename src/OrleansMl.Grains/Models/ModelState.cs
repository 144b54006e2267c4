using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Models;

/// <summary>What a model's grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.ModelState")]
internal sealed record ModelState
{
    [Id(0)]
    public int LastVersion { get; init; }

    [Id(1)]
    public DateTimeOffset CreatedAt { get; init; }

    [Id(2)]
    public DateTimeOffset UpdatedAt { get; init; }

    [Id(3)]
    public IReadOnlyDictionary<string, int> Aliases { get; init; } = new Dictionary<string, int>();

    /// <summary>Newest first.</summary>
    [Id(4)]
    public IReadOnlyList<AliasChange> History { get; init; } = [];

    /// <summary>Alias moves ever, also those no longer in the history.</summary>
    [Id(5)]
    public long Moves { get; init; }

    /// <summary>A registration that has its number but not all its traces yet; it is completed before anything else is done.</summary>
    [Id(6)]
    public PendingVersion? Pending { get; init; }

    /// <summary>Oldest first.</summary>
    [Id(7)]
    public IReadOnlyList<ModelCommand> Commands { get; init; } = [];

    [Id(8)]
    public bool IsPipeline { get; init; }
}
