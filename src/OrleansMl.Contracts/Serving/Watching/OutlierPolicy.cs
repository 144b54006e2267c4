namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>When a row counts as an outlier: a value further from the reference than the threshold, a category it never had, or a value missing where it had all.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.OutlierPolicy")]
public sealed record OutlierPolicy
{
    /// <summary>Robust standard distances, above 0: |value − median| / (interquartile range / 1.349); of an image or vector, of the mean of its elements.</summary>
    /// <value>The default is 8.</value>
    [Id(0)]
    public double Threshold { get; init; } = 8;

    /// <summary>Whether a category that the reference never had makes a row an outlier.</summary>
    /// <value>The default is true.</value>
    [Id(1)]
    public bool UnseenCategories { get; init; } = true;

    /// <summary>Newest outliers kept as examples a version, 0 to 100.</summary>
    /// <value>The default is 20.</value>
    [Id(2)]
    public int Examples { get; init; } = 20;
}
