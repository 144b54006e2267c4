using System.Globalization;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>Predictions and their outcomes, summed: two tallies are added. Sums of at most so many small numbers that a double holds them well.</summary>
public sealed record QualityTally
{
    /// <summary>Bins of the prediction's own probability, of equal width.</summary>
    public const int Bins = 10;

    /// <summary>The least probability that the logarithm is taken of: one outcome that was held impossible does not make the mean infinite.</summary>
    public const double LeastProbability = 1e-15;

    /// <summary>Nothing.</summary>
    public static QualityTally Empty { get; } = new();

    /// <summary>Outcomes.</summary>
    public long Count { get; init; }

    /// <summary>Of classes: those that were predicted right.</summary>
    public long Correct { get; init; }

    /// <summary>Of classes: how many there are.</summary>
    public long Classes { get; init; }

    /// <summary>Of classes with probabilities: how many there are.</summary>
    public long Scored { get; init; }

    /// <summary>The sum of −ln p of what came true, and of its squares.</summary>
    public double LogLoss { get; init; }

    /// <summary>See <see cref="LogLoss"/>.</summary>
    public double LogLossSquares { get; init; }

    /// <summary>The sum of Brier scores, and of their squares.</summary>
    public double Brier { get; init; }

    /// <summary>See <see cref="Brier"/>.</summary>
    public double BrierSquares { get; init; }

    /// <summary>Of numbers: the sum of the errors' absolute values, squares and fourth powers.</summary>
    public double Absolute { get; init; }

    /// <summary>See <see cref="Absolute"/>.</summary>
    public double Squares { get; init; }

    /// <summary>See <see cref="Absolute"/>.</summary>
    public double FourthPowers { get; init; }

    /// <summary>By bin of the prediction's own probability: how many, the sum of the probabilities, how many were right. Empty: none.</summary>
    public IReadOnlyList<QualityBin> Calibration { get; init; } = [];

    /// <summary>One prediction and its outcome; null when they are not of one kind, or an error is no finite number.</summary>
    /// <param name="prediction">What was predicted.</param>
    /// <param name="label">The class that came true.</param>
    /// <param name="actual">The number that came true.</param>
    public static QualityTally? Of(PredictedValue prediction, string? label, double? actual)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        if (prediction.Label is null)
            return Number(prediction.Number ?? double.NaN, label, actual);
        // Classes that are numbers may be told as such.
        if ((label ?? actual?.ToString("R", CultureInfo.InvariantCulture)) is not { } truth)
            return null;
        var isRight = prediction.Label == truth;
        var tally = new QualityTally
        {
            Count = 1,
            Classes = 1,
            Correct = isRight ? 1 : 0,
        };
        if (prediction is not { Probabilities: { } probabilities, Confidence: { } confidence })
            return tally;
        var p = probabilities.TryGetValue(truth, out var known) ? known : prediction.Rest;
        var loss = -Math.Log(Math.Max(p, LeastProbability));
        var brier = prediction.Squares - (2 * p) + 1;
        var bins = new QualityBin[Bins];
        Array.Fill(bins, new QualityBin());
        bins[Math.Clamp((int)(confidence * Bins), 0, Bins - 1)] = new QualityBin
        {
            Count = 1,
            Confidence = confidence,
            Correct = isRight ? 1 : 0,
        };
        return tally with
        {
            Scored = 1,
            LogLoss = loss,
            LogLossSquares = loss * loss,
            Brier = brier,
            BrierSquares = brier * brier,
            Calibration = bins,
        };
    }

    /// <summary>Both together.</summary>
    public static QualityTally operator +(QualityTally a, QualityTally b) => Add(a, b);

    /// <summary>Both together.</summary>
    public static QualityTally Add(QualityTally a, QualityTally b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new QualityTally
        {
            Count = a.Count + b.Count,
            Correct = a.Correct + b.Correct,
            Classes = a.Classes + b.Classes,
            Scored = a.Scored + b.Scored,
            LogLoss = a.LogLoss + b.LogLoss,
            LogLossSquares = a.LogLossSquares + b.LogLossSquares,
            Brier = a.Brier + b.Brier,
            BrierSquares = a.BrierSquares + b.BrierSquares,
            Absolute = a.Absolute + b.Absolute,
            Squares = a.Squares + b.Squares,
            FourthPowers = a.FourthPowers + b.FourthPowers,
            Calibration =
                a.Calibration.Count == 0 ? b.Calibration
                : b.Calibration.Count == 0 ? a.Calibration
                :
                [
                    .. a.Calibration.Zip(
                        b.Calibration,
                        (x, y) =>
                            new QualityBin
                            {
                                Count = x.Count + y.Count,
                                Confidence = x.Confidence + y.Confidence,
                                Correct = x.Correct + y.Correct,
                            }
                    ),
                ],
        };
    }

    private static QualityTally? Number(double predicted, string? label, double? actual)
    {
        var truth =
            actual
            ?? (
                double.TryParse(
                    label,
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                    ? number
                    : double.NaN
            );
        var error = predicted - truth;
        var square = error * error;
        return double.IsFinite(square * square)
            ? new QualityTally
            {
                Count = 1,
                Absolute = Math.Abs(error),
                Squares = square,
                FourthPowers = square * square,
            }
            : null;
    }
}
