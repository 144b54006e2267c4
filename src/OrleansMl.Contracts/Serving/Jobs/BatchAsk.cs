namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>The ask to score a dataset by a model, before names are resolved to versions.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.BatchAsk")]
public sealed record BatchAsk
{
    /// <summary>The model's name.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>A version's number, an alias or <c>latest</c>; empty: as a call without a reference.</summary>
    [Id(1)]
    public string Reference { get; init; } = "";

    /// <summary>The dataset's name.</summary>
    [Id(2)]
    public required string Dataset { get; init; }

    /// <summary>Its version; null: the latest.</summary>
    [Id(3)]
    public int? DatasetVersion { get; init; }

    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>; null: all rows.</summary>
    [Id(4)]
    public string? Split { get; init; }

    /// <summary>The dataset's columns that stand beside the outputs.</summary>
    [Id(5)]
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Put before the outputs' names to make columns' names; at most 50 characters.</summary>
    [Id(6)]
    public string Prefix { get; init; } = "";

    /// <summary>The dataset of which the scored rows become the next version; null: parts to download.</summary>
    [Id(7)]
    public string? Output { get; init; }

    /// <summary>Rows after which what was done is recorded, 1 to 1,000,000; null: chosen by the rows' width and number.</summary>
    [Id(8)]
    public int? ChunkRows { get; init; }

    /// <summary>How long the result is kept after the job's end, a minute to 3,650 days; null: the silo's default.</summary>
    [Id(9)]
    public TimeSpan? KeepFor { get; init; }
}
