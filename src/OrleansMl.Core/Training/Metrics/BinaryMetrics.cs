namespace OrleansMl.Core.Training.Metrics;

/// <summary>Scores a binary output, a batch at a time. Not thread-safe.</summary>
public sealed class BinaryMetrics
{
    /// <summary>A row is predicted true when its probability is above this, as in the exported graph.</summary>
    public const float Threshold = 0.5f;

    private const double Smallest = 1e-15;

    /// <summary>Most probabilities kept for the exact area under the curve: 160 MiB. Past it the area is left out rather than guessed.</summary>
    private const int MaxScores = 32 * 1024 * 1024;

    private readonly List<float> _scores = [];
    private readonly List<bool> _targets = [];
    private bool _tooManyScores;
    private double _logLoss;

    /// <summary>True against predicted: 0 is false, 1 is true.</summary>
    public ConfusionMatrix Confusion { get; } = new(2);

    /// <summary>Adds rows.</summary>
    /// <param name="probabilities">The probability of true, a row.</param>
    /// <param name="targets">What is true, a row.</param>
    public void Add(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> targets)
    {
        if (probabilities.Length != targets.Length)
        {
            throw new ArgumentException(
                $"expected {targets.Length} probabilities, got {probabilities.Length}.",
                nameof(probabilities)
            );
        }
        for (var row = 0; row < targets.Length; row++)
        {
            var probability = probabilities[row];
            Confusion.Add(targets[row] ? 1 : 0, probability > Threshold ? 1 : 0);
            _logLoss -= Math.Log(
                Math.Clamp(targets[row] ? probability : 1.0 - probability, Smallest, 1)
            );
        }
        if (_tooManyScores || _scores.Count + (long)targets.Length > MaxScores)
        {
            _tooManyScores = true;
            _scores.Clear();
            _targets.Clear();
            return;
        }
        _scores.AddRange(probabilities);
        _targets.AddRange(targets);
    }

    /// <summary>Every metric of a binary output by its name; one that the rows don't define is left out.</summary>
    public IReadOnlyDictionary<string, double> Compute()
    {
        if (Confusion.Total == 0)
            return new Dictionary<string, double>();
        var metrics = new Dictionary<string, double>
        {
            [MetricNames.Accuracy] = Confusion.Accuracy(),
            [MetricNames.MacroF1] = Confusion.MacroF1(),
            [MetricNames.F1] = Confusion.F1(1),
            [MetricNames.Precision] = Confusion.Precision(1),
            [MetricNames.Recall] = Confusion.Recall(1),
            [MetricNames.LogLoss] = _logLoss / Confusion.Total,
        };
        if (!_tooManyScores && RocAuc.Compute(_scores.ToArray(), _targets.ToArray()) is { } area)
            metrics[MetricNames.RocAuc] = area;
        return metrics;
    }
}
