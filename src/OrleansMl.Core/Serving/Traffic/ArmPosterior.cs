using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>
/// What is believed of a version's mean outcome. Binary outcomes: Beta(α + successes, β + failures). Numbers: the normal-inverse-gamma
/// posterior (Murphy, "Conjugate Bayesian analysis of the Gaussian distribution", 2007, section 3), of which the mean's marginal is a Student t.
/// </summary>
public sealed class ArmPosterior
{
    private readonly bool _isBinary;
    private readonly double _first;
    private readonly double _second;
    private readonly double _mean;
    private readonly double _weight;

    private ArmPosterior(bool isBinary, double first, double second, double mean, double weight) =>
        (_isBinary, _first, _second, _mean, _weight) = (isBinary, first, second, mean, weight);

    /// <summary>The mean outcome to expect.</summary>
    public double Mean => _isBinary ? _first / (_first + _second) : _mean;

    /// <summary>The prior after the outcomes.</summary>
    public static ArmPosterior Of(BanditPolicy prior, OutcomeKind kind, OutcomeTally outcomes)
    {
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(outcomes);
        double n = outcomes.Count;
        if (kind == OutcomeKind.Binary)
            return new(
                true,
                prior.PriorSuccesses + outcomes.Sum,
                prior.PriorFailures + n - outcomes.Sum,
                0,
                0
            );
        var weight = prior.PriorWeight + n;
        var mean = ((prior.PriorWeight * prior.PriorMean) + outcomes.Sum) / weight;
        var observed = n == 0 ? prior.PriorMean : outcomes.Sum / n;
        var scatter = Math.Max(0, outcomes.SumOfSquares - (n * observed * observed));
        var apart = observed - prior.PriorMean;
        var shape = (prior.PriorWeight + n) / 2;
        var scale =
            (prior.PriorWeight * prior.PriorDeviation * prior.PriorDeviation / 2)
            + (scatter / 2)
            + (prior.PriorWeight * n * apart * apart / (2 * weight));
        return new(false, shape, scale, mean, weight);
    }

    /// <summary>Draws a mean outcome.</summary>
    public double Draw(ITrafficRandom random)
    {
        if (_isBinary)
            return random.NextBeta(_first, _second);
        var precision = random.NextGamma(_first) / _second;
        return _mean + (random.NextNormal() / Math.Sqrt(_weight * precision));
    }
}
