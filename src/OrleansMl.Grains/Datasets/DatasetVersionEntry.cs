namespace OrleansMl.Grains.Datasets;

/// <summary>A version in its dataset's state; the manifest has a grain of its own.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetVersionEntry")]
internal sealed record DatasetVersionEntry
{
    [Id(0)]
    public required int Version { get; init; }

    [Id(1)]
    public required long Rows { get; init; }

    [Id(2)]
    public required long Bytes { get; init; }

    [Id(3)]
    public required int Columns { get; init; }

    [Id(4)]
    public required IReadOnlyDictionary<string, long> Splits { get; init; }

    [Id(5)]
    public required string Source { get; init; }

    [Id(6)]
    public required DateTimeOffset CreatedAt { get; init; }
}
