using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>
/// Measures of tallies with confidence intervals of 95 %: of accuracy by Wilson (1927), of means by the normal approximation, of the root mean
/// square error by that of the mean square. The calibration error, which is biased upwards by few outcomes, has none.
/// </summary>
public static class QualityMeasures
{
    private const double Z = 1.959963984540054;

    /// <summary>Whether a measure is one of quality: it is of the whole model and comes from outcomes.</summary>
    public static bool IsQuality(WatchMeasure measure) =>
        measure is >= WatchMeasure.Accuracy and <= WatchMeasure.RootMeanSquareError;

    /// <summary>The measures that are defined.</summary>
    public static IReadOnlyList<QualityMetric> Of(QualityTally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        List<QualityMetric> metrics = [];
        if (tally.Classes > 0)
            metrics.Add(Share(tally.Correct, tally.Classes));
        if (tally.Scored > 0)
        {
            metrics.Add(
                Mean(WatchMeasure.LogLoss, tally.LogLoss, tally.LogLossSquares, tally.Scored)
            );
            metrics.Add(Mean(WatchMeasure.Brier, tally.Brier, tally.BrierSquares, tally.Scored));
            metrics.Add(
                new QualityMetric
                {
                    Measure = WatchMeasure.CalibrationError,
                    Value =
                        tally.Calibration.Sum(bin => Math.Abs(bin.Correct - bin.Confidence))
                        / tally.Scored,
                }
            );
        }
        var numbers = tally.Count - tally.Classes;
        if (numbers > 0)
        {
            metrics.Add(
                Mean(WatchMeasure.MeanAbsoluteError, tally.Absolute, tally.Squares, numbers)
            );
            var square = Mean(
                WatchMeasure.RootMeanSquareError,
                tally.Squares,
                tally.FourthPowers,
                numbers
            );
            metrics.Add(
                square with
                {
                    Value = Math.Sqrt(square.Value),
                    Low = Math.Sqrt(square.Low!.Value),
                    High = Math.Sqrt(square.High!.Value),
                }
            );
        }
        return metrics;
    }

    /// <summary>One measure, or null where it is not defined.</summary>
    public static double? Of(QualityTally tally, WatchMeasure measure) =>
        Of(tally).FirstOrDefault(metric => metric.Measure == measure)?.Value;

    private static QualityMetric Share(long right, long count)
    {
        var (n, share) = ((double)count, (double)right / count);
        var middle = (share + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        var half =
            Z / (1 + (Z * Z / n)) * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        return new QualityMetric
        {
            Measure = WatchMeasure.Accuracy,
            Value = share,
            Low = Math.Max(0, middle - half),
            High = Math.Min(1, middle + half),
        };
    }

    // None of these is below 0.
    private static QualityMetric Mean(WatchMeasure measure, double sum, double squares, long count)
    {
        var mean = sum / count;
        var variance = Math.Max(0, (squares / count) - (mean * mean));
        var half = Z * Math.Sqrt(variance / count);
        return new QualityMetric
        {
            Measure = measure,
            Value = mean,
            Low = Math.Max(0, mean - half),
            High = mean + half,
        };
    }
}
