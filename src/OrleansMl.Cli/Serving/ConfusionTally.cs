namespace OrleansMl.Cli.Serving;

/// <summary>Counts true against predicted labels.</summary>
internal sealed class ConfusionTally
{
    private readonly List<string> _labels = [];
    private readonly Dictionary<string, int> _index = [];
    private readonly Dictionary<(int Truth, int Predicted), long> _counts = [];

    public ConfusionTally(IEnumerable<string> labels)
    {
        foreach (var label in labels)
            Index(label);
    }

    /// <summary>The model's classes in their order, then labels that it doesn't know.</summary>
    public IReadOnlyList<string> Labels => _labels;

    public long Examples { get; private set; }

    public long Correct { get; private set; }

    public double Accuracy => Examples == 0 ? 0 : (double)Correct / Examples;

    /// <summary>Rows: true class; columns: predicted class.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Matrix =>
        [
            .. _labels.Select(
                IReadOnlyList<long> (_, truth) =>
                    [
                        .. _labels.Select(
                            (_, predicted) => _counts.GetValueOrDefault((truth, predicted))
                        ),
                    ]
            ),
        ];

    public void Add(string truth, string predicted)
    {
        var key = (Index(truth), Index(predicted));
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        Examples++;
        if (key.Item1 == key.Item2)
            Correct++;
    }

    private int Index(string label)
    {
        if (!_index.TryGetValue(label, out var index))
        {
            _index[label] = index = _labels.Count;
            _labels.Add(label);
        }
        return index;
    }
}
