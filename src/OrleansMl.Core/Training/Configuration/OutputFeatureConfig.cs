namespace OrleansMl.Core.Training.Configuration;

/// <summary>An output feature as asked for.</summary>
public sealed record OutputFeatureConfig
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Category, Binary or Number.</summary>
    public required FeatureType Type { get; init; }

    /// <summary>The dataset's column.</summary>
    public required string Column { get; init; }

    /// <summary>Number: how the target is scaled for the network.</summary>
    public ScalingKind Scaling { get; init; }

    /// <summary>What is minimized.</summary>
    public required LossConfig Loss { get; init; }

    /// <summary>Weight of its loss in the sum, above 0.</summary>
    public double Weight { get; init; } = 1;
}
