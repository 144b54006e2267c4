namespace OrleansMl.Contracts.Datasets;

/// <summary>Something that needs a dataset version: a run or a model version.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetHold")]
public sealed record DatasetHold
{
    /// <summary><c>run/…</c> or <c>model/…</c>.</summary>
    [Id(0)]
    public required string Holder { get; init; }

    /// <summary>The version it needs.</summary>
    [Id(1)]
    public required int Version { get; init; }
}
