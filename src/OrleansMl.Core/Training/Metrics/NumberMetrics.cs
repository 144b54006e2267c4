namespace OrleansMl.Core.Training.Metrics;

/// <summary>Scores a number output, a batch at a time, in constant memory. Not thread-safe.</summary>
public sealed class NumberMetrics
{
    private double _absolute;
    private double _squared;
    private double _mean;
    private double _spread;

    /// <summary>Rows added.</summary>
    public long Total { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="predictions">In the target's own unit, a row.</param>
    /// <param name="targets">What is true, a row.</param>
    public void Add(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets)
    {
        if (predictions.Length != targets.Length)
        {
            throw new ArgumentException(
                $"expected {targets.Length} predictions, got {predictions.Length}.",
                nameof(predictions)
            );
        }
        for (var row = 0; row < targets.Length; row++)
        {
            var error = (double)predictions[row] - targets[row];
            _absolute += Math.Abs(error);
            _squared += error * error;
            // Welford's update: the spread around the mean without the cancellation of Σy² − n·mean².
            Total++;
            var before = targets[row] - _mean;
            _mean += before / Total;
            _spread += before * (targets[row] - _mean);
        }
    }

    /// <summary>Every metric of a number output by its name; one that the rows don't define is left out.</summary>
    public IReadOnlyDictionary<string, double> Compute()
    {
        if (Total == 0)
            return new Dictionary<string, double>();
        var metrics = new Dictionary<string, double>
        {
            [MetricNames.MeanAbsoluteError] = _absolute / Total,
            [MetricNames.RootMeanSquaredError] = Math.Sqrt(_squared / Total),
        };
        if (_spread > 0)
            metrics[MetricNames.R2] = 1 - (_squared / _spread);
        return metrics;
    }
}
