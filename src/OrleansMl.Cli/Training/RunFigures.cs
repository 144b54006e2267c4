using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Training;

/// <summary>The newest figures of a run: how far, how fast, how good.</summary>
internal sealed class RunFigures
{
    private TrainingProgress? _progress;
    private IReadOnlyDictionary<string, double> _step = new Dictionary<string, double>();
    private IReadOnlyDictionary<string, double> _validation = new Dictionary<string, double>();

    public void Add(TrainingEvent e)
    {
        _progress = e.Run.Progress ?? _progress;
        foreach (var point in e.Points)
        {
            if (point.Series == "step")
                _step = point.Values;
            else if (point.Series == "validation")
                _validation = point.Values;
        }
    }

    public override string ToString()
    {
        var parts = new List<string>();
        if (_progress is { Epochs: > 0 } progress)
            parts.Add($"epoch {progress.Epoch}/{progress.Epochs}");
        foreach (var metric in new[] { "loss", "accuracy" })
        {
            if (_step.TryGetValue(metric, out var value))
                parts.Add($"{metric} {value:0.000}");
        }
        foreach (var metric in new[] { "accuracy", "roc_auc", "rmse" })
        {
            if (_validation.TryGetValue(metric, out var value))
                parts.Add($"validation {metric} {value:0.000}");
        }
        if (_progress is { ExamplesPerSecond: > 0 } speed)
            parts.Add($"{TextFormat.Count((long)speed.ExamplesPerSecond)} examples/s");
        return string.Join(", ", parts);
    }
}
