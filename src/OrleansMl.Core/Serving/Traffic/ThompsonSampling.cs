namespace OrleansMl.Core.Serving.Traffic;

/// <summary>
/// Thompson sampling (Thompson, "On the likelihood that one unknown probability exceeds another", Biometrika 1933): draws a mean outcome from
/// each posterior and takes the version with the highest, but gives each version its least share first.
/// </summary>
public sealed class ThompsonSampling : IArmChooser
{
    private readonly (int Version, ArmPosterior Posterior)[] _arms;
    private readonly double _minShare;

    /// <summary>Makes a chooser.</summary>
    /// <param name="arms">One and more.</param>
    /// <param name="minShare">Each arm's least part of the calls.</param>
    public ThompsonSampling(
        IEnumerable<(int Version, ArmPosterior Posterior)> arms,
        double minShare
    )
    {
        _arms = [.. arms];
        if (_arms.Length == 0)
            throw new ArgumentException("There are no arms.", nameof(arms));
        _minShare = minShare;
        Versions = [.. _arms.Select(arm => arm.Version)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Versions { get; }

    /// <inheritdoc/>
    public int Choose(string? key, ITrafficRandom random)
    {
        if (_minShare > 0)
        {
            var place = random.NextUnit() / _minShare;
            if (place < _arms.Length)
                return _arms[(int)place].Version;
        }
        return _arms[Best(random)].Version;
    }

    /// <summary>Each version's probability to have the highest mean outcome, by so many draws.</summary>
    public IReadOnlyDictionary<int, double> BestProbabilities(ITrafficRandom random, int draws)
    {
        var wins = new int[_arms.Length];
        for (var i = 0; i < draws; i++)
            wins[Best(random)]++;
        return _arms
            .Index()
            .ToDictionary(arm => arm.Item.Version, arm => (double)wins[arm.Index] / draws);
    }

    private int Best(ITrafficRandom random)
    {
        var best = 0;
        var highest = double.NegativeInfinity;
        for (var i = 0; i < _arms.Length; i++)
        {
            var draw = _arms[i].Posterior.Draw(random);
            if (draw > highest)
                (best, highest) = (i, draw);
        }
        return best;
    }
}
