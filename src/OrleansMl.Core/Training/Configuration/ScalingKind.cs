namespace OrleansMl.Core.Training.Configuration;

/// <summary>How numbers are scaled by the training rows.</summary>
public enum ScalingKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>To mean 0 and deviation 1.</summary>
    Standardize,

    /// <summary>To [0, 1].</summary>
    MinMax,

    /// <summary>Pixels: by 255 to [0, 1].</summary>
    Unit,
}
