namespace OrleansMl.Core.Training.Configuration;

/// <summary>How raw values are changed; which members count depends on the feature's type.</summary>
public sealed record PreprocessingConfig
{
    /// <summary>Number, Vector and Image: scaling. Number targets too.</summary>
    public ScalingKind Scaling { get; init; }

    /// <summary>Number and Binary: what stands in for a missing value.</summary>
    public MissingValueKind Missing { get; init; }

    /// <summary>Number: the raw value for <see cref="MissingValueKind.Constant"/>.</summary>
    public double Fill { get; init; }

    /// <summary>Category: largest vocabulary.</summary>
    public int MaxValues { get; init; } = int.MaxValue;

    /// <summary>Category: training rows that a value needs.</summary>
    public long MinCount { get; init; } = 1;
}
