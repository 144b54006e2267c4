namespace OrleansMl.Grains.Serving.Traffic;

/// <summary>How far a silo's reports were taken.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficSource")]
internal sealed record TrafficSource
{
    [Id(0)]
    public required string Source { get; init; }

    [Id(1)]
    public required long Sequence { get; init; }
}
