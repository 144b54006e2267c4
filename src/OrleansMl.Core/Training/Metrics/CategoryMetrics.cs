namespace OrleansMl.Core.Training.Metrics;

/// <summary>Scores a classifier, a batch at a time. Not thread-safe.</summary>
public sealed class CategoryMetrics
{
    /// <summary>Smallest probability that the logarithm is taken of.</summary>
    private const double Smallest = 1e-15;

    /// <summary>Most probabilities kept for the exact area under the curve: 128 MiB. Past it the area is left out rather than guessed.</summary>
    private const long MaxScores = 32 * 1024 * 1024;

    private readonly long _maxScores;
    private readonly List<float> _scores = [];
    private readonly List<int> _targets = [];
    private bool _tooManyScores;
    private double _logLoss;

    /// <summary>Makes an empty one for classes 0 to <paramref name="classes"/> − 1.</summary>
    public CategoryMetrics(int classes)
        : this(classes, MaxScores) { }

    internal CategoryMetrics(int classes, long maxScores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        Confusion = new ConfusionMatrix(classes);
        _maxScores = maxScores;
    }

    /// <summary>True against predicted classes.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Adds rows; the predicted class has the largest probability, of equal ones the first.</summary>
    /// <param name="probabilities">Rows × classes, row-major, each row summing to 1.</param>
    /// <param name="targets">A class index a row.</param>
    public void Add(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> targets) =>
        Add(probabilities, [], targets);

    /// <summary>Adds rows of which the model said the predicted class itself: by logits, which may differ where probabilities round to the same.</summary>
    /// <param name="probabilities">Rows × classes, row-major, each row summing to 1.</param>
    /// <param name="predictions">A class index a row; empty: by the probabilities.</param>
    /// <param name="targets">A class index a row.</param>
    public void Add(
        ReadOnlySpan<float> probabilities,
        ReadOnlySpan<int> predictions,
        ReadOnlySpan<int> targets
    )
    {
        if (!predictions.IsEmpty && predictions.Length != targets.Length)
        {
            throw new ArgumentException(
                $"expected {targets.Length} predictions, got {predictions.Length}.",
                nameof(predictions)
            );
        }
        var classes = Confusion.Classes;
        if (probabilities.Length != (long)targets.Length * classes)
        {
            throw new ArgumentException(
                $"expected {targets.Length} rows of {classes} probabilities, got {probabilities.Length} numbers.",
                nameof(probabilities)
            );
        }
        for (var row = 0; row < targets.Length; row++)
        {
            var scores = probabilities.Slice(row * classes, classes);
            Confusion.Add(
                targets[row],
                predictions.IsEmpty ? IndexOfMax(scores) : predictions[row]
            );
            _logLoss -= Math.Log(Math.Clamp(scores[targets[row]], Smallest, 1));
        }
        Keep(probabilities, targets);
    }

    /// <summary>Every metric of a category output by its name; one that the rows don't define is left out.</summary>
    public IReadOnlyDictionary<string, double> Compute()
    {
        if (Confusion.Total == 0)
            return new Dictionary<string, double>();
        var metrics = new Dictionary<string, double>
        {
            [MetricNames.Accuracy] = Confusion.Accuracy(),
            [MetricNames.MacroF1] = Confusion.MacroF1(),
            [MetricNames.MacroPrecision] = Confusion.MacroPrecision(),
            [MetricNames.MacroRecall] = Confusion.MacroRecall(),
            [MetricNames.LogLoss] = _logLoss / Confusion.Total,
        };
        if (MacroRocAuc() is { } area)
            metrics[MetricNames.RocAuc] = area;
        return metrics;
    }

    private static int IndexOfMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[best])
                best = c;
        }
        return best;
    }

    private void Keep(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> targets)
    {
        if (_tooManyScores)
            return;
        if (_scores.Count + (long)probabilities.Length > _maxScores)
        {
            _tooManyScores = true;
            _scores.Clear();
            _targets.Clear();
            return;
        }
        _scores.AddRange(probabilities);
        _targets.AddRange(targets);
    }

    private double? MacroRocAuc()
    {
        if (_tooManyScores)
            return null;
        var classes = Confusion.Classes;
        var (sum, defined) = (0.0, 0);
        var scores = new float[_targets.Count];
        var positives = new bool[_targets.Count];
        for (var c = 0; c < classes; c++)
        {
            for (var row = 0; row < scores.Length; row++)
            {
                scores[row] = _scores[(row * classes) + c];
                positives[row] = _targets[row] == c;
            }
            if (RocAuc.Compute(scores, positives) is not { } area)
                continue;
            sum += area;
            defined++;
        }
        return defined == 0 ? null : sum / defined;
    }
}
