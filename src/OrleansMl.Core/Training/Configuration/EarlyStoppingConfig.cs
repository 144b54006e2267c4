namespace OrleansMl.Core.Training.Configuration;

/// <summary>Stops when the validation metric got no better for a while; the best weights are kept.</summary>
public sealed record EarlyStoppingConfig
{
    /// <summary>A validation metric.</summary>
    public string Metric { get; init; } = "loss";

    /// <summary>Epochs without improvement.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>What counts as improvement.</summary>
    public double MinDelta { get; init; }
}
