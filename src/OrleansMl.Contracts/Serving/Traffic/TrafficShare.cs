namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>A version's share of a split.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrafficShare")]
public sealed record TrafficShare
{
    /// <summary>A version's number, an alias, or <c>latest</c>.</summary>
    [Id(0)]
    public required string Version { get; init; }

    /// <summary>Its weight: its part of the sum of all weights is its part of the calls.</summary>
    /// <value>0 to 1,000,000; at least one share of a split is above 0.</value>
    [Id(1)]
    public required double Weight { get; init; }
}
