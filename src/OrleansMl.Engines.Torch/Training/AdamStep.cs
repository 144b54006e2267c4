using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>Adam's numbers for one step; worked out in doubles.</summary>
internal readonly record struct AdamStep(
    float Beta1,
    float OneMinusBeta1,
    float Beta2,
    float OneMinusBeta2,
    float Epsilon,
    float CorrectedRate,
    float InverseRootCorrection2
)
{
    /// <summary>For a step.</summary>
    /// <param name="config">The optimizer.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="number">From 1.</param>
    public static AdamStep At(OptimizerConfig config, double rate, long number)
    {
        var correction1 = 1 - Math.Pow(config.Beta1, number);
        var correction2 = 1 - Math.Pow(config.Beta2, number);
        return new AdamStep(
            (float)config.Beta1,
            (float)(1 - config.Beta1),
            (float)config.Beta2,
            (float)(1 - config.Beta2),
            (float)config.Epsilon,
            (float)(rate / correction1),
            (float)(1 / Math.Sqrt(correction2))
        );
    }
}
