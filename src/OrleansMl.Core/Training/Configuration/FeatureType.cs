namespace OrleansMl.Core.Training.Configuration;

/// <summary>What a feature is.</summary>
public enum FeatureType
{
    /// <summary>A real number.</summary>
    Number,

    /// <summary>One of a set of values.</summary>
    Category,

    /// <summary>True or false.</summary>
    Binary,

    /// <summary>Pixels.</summary>
    Image,

    /// <summary>A fixed number of reals.</summary>
    Vector,
}
