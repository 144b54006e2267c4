namespace OrleansMl.Core.Training.Configuration;

/// <summary>Pooling after convolutions.</summary>
public enum PoolingKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>The maximum of each window.</summary>
    Max,
}
