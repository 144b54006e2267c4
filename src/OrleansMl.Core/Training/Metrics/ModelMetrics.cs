using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Metrics;

/// <summary>Scores a whole model on the rows of one split: an accumulator a head, and the names that readers know. Not thread-safe.</summary>
public sealed class ModelMetrics
{
    private readonly IReadOnlyList<HeadPlan> _heads;
    private readonly object[] _metrics;
    private double _loss;
    private long _lossRows;

    /// <summary>Makes an empty one for a model's heads.</summary>
    public ModelMetrics(IReadOnlyList<HeadPlan> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        _heads = heads;
        _metrics =
        [
            .. heads.Select(h =>
                h.Type switch
                {
                    FeatureType.Category => (object)new CategoryMetrics(h.Classes.Count),
                    FeatureType.Binary => new BinaryMetrics(),
                    FeatureType.Number => new NumberMetrics(),
                    _ => throw new ArgumentException(
                        $"the output '{h.Name}' of type {h.Type} has no metrics.",
                        nameof(heads)
                    ),
                }
            ),
        ];
    }

    /// <summary>The accumulator of a category head.</summary>
    public CategoryMetrics Category(int head) => (CategoryMetrics)_metrics[head];

    /// <summary>The accumulator of a binary head.</summary>
    public BinaryMetrics Binary(int head) => (BinaryMetrics)_metrics[head];

    /// <summary>The accumulator of a number head.</summary>
    public NumberMetrics Number(int head) => (NumberMetrics)_metrics[head];

    /// <summary>Adds the mean loss of some rows.</summary>
    public void AddLoss(double meanLoss, long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        _loss += meanLoss * rows;
        _lossRows += rows;
    }

    /// <summary>Every metric by its full name, the loss included if any was added.</summary>
    public IReadOnlyDictionary<string, double> Compute()
    {
        var all = new Dictionary<string, double>();
        if (_lossRows > 0)
            all[MetricNames.Loss] = _loss / _lossRows;
        for (var i = 0; i < _heads.Count; i++)
        {
            var prefix = MetricNames.Prefix(_heads[i].Name, _heads.Count);
            var metrics = _metrics[i] switch
            {
                CategoryMetrics category => category.Compute(),
                BinaryMetrics binary => binary.Compute(),
                var number => ((NumberMetrics)number).Compute(),
            };
            foreach (var (name, value) in metrics)
                all[prefix + name] = value;
        }
        return all;
    }

    /// <summary>The scores as a record. The confusion matrix is the first category or binary head's.</summary>
    public Evaluation ToEvaluation(string split)
    {
        for (var i = 0; i < _heads.Count; i++)
        {
            var (confusion, labels) = _metrics[i] switch
            {
                CategoryMetrics category => (category.Confusion, _heads[i].Classes),
                BinaryMetrics binary => (binary.Confusion, ["false", "true"]),
                _ => (null, []),
            };
            if (confusion is not null)
                return ToEvaluation(split, confusion.Total, labels, confusion.ToRows());
        }
        return ToEvaluation(split, ((NumberMetrics)_metrics[0]).Total, [], []);
    }

    private Evaluation ToEvaluation(
        string split,
        long examples,
        IReadOnlyList<string> labels,
        IReadOnlyList<IReadOnlyList<long>> confusion
    ) =>
        new()
        {
            Split = split,
            Examples = examples,
            Metrics = Compute(),
            Labels = labels,
            ConfusionMatrix = confusion,
        };
}
