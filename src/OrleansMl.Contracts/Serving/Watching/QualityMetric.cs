namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>A measure of quality with its confidence interval.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.QualityMetric")]
public sealed record QualityMetric
{
    /// <summary>What is measured.</summary>
    [Id(0)]
    public required WatchMeasure Measure { get; init; }

    /// <summary>Its value.</summary>
    [Id(1)]
    public required double Value { get; init; }

    /// <summary>Where its confidence interval of 95 % begins; null where there is none.</summary>
    [Id(2)]
    public double? Low { get; init; }

    /// <summary>Where it ends.</summary>
    [Id(3)]
    public double? High { get; init; }
}
