namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What is measured of a watched model version.</summary>
[GenerateSerializer]
[Alias("oml.WatchMeasure")]
public enum WatchMeasure
{
    /// <summary>Population stability index of an input or output against the reference; 0: the same.</summary>
    Psi = 0,

    /// <summary>Jensen-Shannon distance to the reference, to the base 2: 0, the same, to 1.</summary>
    JensenShannon = 1,

    /// <summary>The largest difference of a bin's or category's share to the reference, 0 to 1.</summary>
    LInfinity = 2,

    /// <summary>The share of missing values less the reference's, −1 to 1.</summary>
    MissingDifference = 3,

    /// <summary>Share of the rows that are outliers, 0 to 1; of the whole model.</summary>
    OutlierShare = 4,
}
