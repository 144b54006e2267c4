namespace OrleansMl.Core.Training.Configuration;

/// <summary>A loss as asked for.</summary>
public sealed record LossConfig
{
    /// <summary>Which.</summary>
    public required LossKind Kind { get; init; }

    /// <summary>Category and Binary: where class weights come from.</summary>
    public ClassWeighting Weighting { get; init; }

    /// <summary><see cref="ClassWeighting.Given"/>: label to weight, 0 or more; 1 for labels left out.</summary>
    public IReadOnlyDictionary<string, double> ClassWeights { get; init; } =
        new Dictionary<string, double>();

    /// <summary>Category: share of the target spread over all classes, 0 to below 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Huber: where squared turns into absolute, in units of the scaled target.</summary>
    public double HuberDelta { get; init; } = 1;
}
