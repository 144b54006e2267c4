namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>An input or output of live calls beside the reference.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.FeatureReport")]
public sealed record FeatureReport
{
    /// <summary>Its name in the signature.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Whether it is an output.</summary>
    [Id(1)]
    public bool Output { get; init; }

    /// <summary>Values counted.</summary>
    [Id(2)]
    public required long Count { get; init; }

    /// <summary>Rows without a value.</summary>
    [Id(3)]
    public long Missing { get; init; }

    /// <summary>Mean of the values; numbers only, as the next three.</summary>
    [Id(4)]
    public double? Mean { get; init; }

    /// <summary>Population standard deviation.</summary>
    [Id(5)]
    public double? StandardDeviation { get; init; }

    /// <summary>Smallest value.</summary>
    [Id(6)]
    public double? Minimum { get; init; }

    /// <summary>Largest value.</summary>
    [Id(7)]
    public double? Maximum { get; init; }

    /// <summary>Measures by name; without a reference or values there are none.</summary>
    [Id(8)]
    public IReadOnlyDictionary<WatchMeasure, double> Measures { get; init; } =
        new Dictionary<WatchMeasure, double>();

    /// <summary>The histogram; left out of windows, given in the total.</summary>
    [Id(9)]
    public IReadOnlyList<HistogramBin> Histogram { get; init; } = [];
}
