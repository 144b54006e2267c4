namespace OrleansMl.Core.Training.Configuration;

/// <summary>Normalization between a dense layer and its activation.</summary>
public enum NormalizationKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>Over the batch.</summary>
    Batch,

    /// <summary>Over the features.</summary>
    Layer,
}
