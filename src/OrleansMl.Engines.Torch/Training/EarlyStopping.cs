using OrleansMl.Contracts;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Metrics;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>Watches a validation metric, remembers the best weights and says when to give up.</summary>
internal sealed class EarlyStopping(EarlyStoppingConfig config)
{
    private readonly bool _higherIsBetter = MetricNames.HigherIsBetter(config.Metric);

    /// <summary>The best value so far; null before the first.</summary>
    public double? Best { get; private set; }

    /// <summary>Epochs since the best.</summary>
    public int EpochsWithout { get; private set; }

    /// <summary>The weights that gave the best; null before the first.</summary>
    public IReadOnlyList<float[]>? BestWeights { get; private set; }

    /// <summary>Whether the patience is at its end.</summary>
    public bool Ended => EpochsWithout >= config.Patience;

    /// <summary>Looks at an epoch's validation.</summary>
    /// <param name="metrics">By name.</param>
    /// <param name="weights">Makes a copy of the weights; called only when they are the best.</param>
    /// <exception cref="InvalidInputException">The metric isn't among them.</exception>
    public void Observe(
        IReadOnlyDictionary<string, double> metrics,
        Func<IReadOnlyList<float[]>> weights
    )
    {
        if (!metrics.TryGetValue(config.Metric, out var value))
            throw new InvalidInputException(
                $"trainer.early_stopping.metric is '{config.Metric}', and the validation rows give only {string.Join(", ", metrics.Keys)}. Choose one of these."
            );
        if (!IsBetter(value))
        {
            EpochsWithout++;
            return;
        }
        Best = value;
        BestWeights = weights();
        EpochsWithout = 0;
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Restore(double? best, int epochsWithout, IReadOnlyList<float[]>? bestWeights)
    {
        Best = best;
        EpochsWithout = epochsWithout;
        BestWeights = bestWeights;
    }

    private bool IsBetter(double value)
    {
        if (!double.IsFinite(value))
            return false;
        return Best is not { } best
            || (_higherIsBetter ? value > best + config.MinDelta : value < best - config.MinDelta);
    }
}
