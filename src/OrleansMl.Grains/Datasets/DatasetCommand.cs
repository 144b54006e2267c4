namespace OrleansMl.Grains.Datasets;

/// <summary>A commit that was carried out, with its answer.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetCommand")]
internal sealed record DatasetCommand
{
    [Id(0)]
    public required string CommandId { get; init; }

    [Id(1)]
    public required int Version { get; init; }
}
