namespace OrleansMl.Core.Training.Configuration;

/// <summary>The optimizer.</summary>
public sealed record OptimizerConfig
{
    /// <summary>Which.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Adam;

    /// <summary>Peak rate, above 0.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>Sgd only, 0 to below 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Sgd only.</summary>
    public bool Nesterov { get; init; }

    /// <summary>0 or more.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adam's first decay.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's second decay.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Adam's ε.</summary>
    public double Epsilon { get; init; } = 1e-8;
}
