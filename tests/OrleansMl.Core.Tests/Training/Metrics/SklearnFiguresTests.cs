using OrleansMl.Core.Training.Metrics;

namespace OrleansMl.Core.Tests.Training.Metrics;

/// <summary>Small cases with ties, whose expected figures scikit-learn 1.2.1 gave.</summary>
public sealed class SklearnFiguresTests
{
    private const double Tolerance = 1e-12;

    // csharpier-ignore
    private static readonly float[] Probabilities =
    [
        0.5625f, 0.3125f, 0.125f, 0.4375f, 0.25f, 0.3125f, 0.375f, 0.375f, 0.25f, 0.125f, 0.4375f, 0.4375f,
        0.125f, 0.1875f, 0.6875f, 0.4375f, 0.4375f, 0.125f, 0.375f, 0.375f, 0.25f, 0.0625f, 0.5f, 0.4375f,
        0.5f, 0.125f, 0.375f, 0.4375f, 0.1875f, 0.375f, 0.3125f, 0.375f, 0.3125f, 0.5625f, 0.375f, 0.0625f,
        0.0625f, 0.5625f, 0.375f, 0.0625f, 0.375f, 0.5625f, 0.1875f, 0.625f, 0.1875f, 0.125f, 0.4375f, 0.4375f,
        0.375f, 0.5f, 0.125f, 0.5f, 0.25f, 0.25f, 0.1875f, 0.6875f, 0.125f, 0.5f, 0.25f, 0.25f,
        0.3125f, 0.375f, 0.3125f, 0.3125f, 0.3125f, 0.375f, 0.4375f, 0.4375f, 0.125f, 0.3125f, 0.5625f, 0.125f,
    ];

    // csharpier-ignore
    private static readonly int[] Classes = [0, 1, 2, 1, 2, 0, 1, 1, 0, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 0, 0, 2, 1, 1];

    // csharpier-ignore
    private static readonly float[] Scores =
    [
        0.8125f, 0.625f, 0.25f, 0.375f, 0.5625f, 0.3125f, 0.8125f, 0.75f, 0.6875f, 0.5f,
        0.6875f, 0.25f, 0.375f, 0.5f, 0.625f, 0.5f, 0.25f, 0.375f, 0.375f, 0.375f,
    ];

    // csharpier-ignore
    private static readonly bool[] Flags =
    [
        true, true, false, false, false, false, true, false, false, false,
        false, false, true, false, true, true, false, false, true, false,
    ];

    // csharpier-ignore
    private static readonly float[] Targets = [99.5f, 98.75f, 99.5f, 102.5f, 103.0f, 101.25f, 101.0f, 101.25f, 100.0f, 99.75f, 98.75f, 100.0f];

    // csharpier-ignore
    private static readonly float[] Predictions = [101.75f, 99.625f, 99.125f, 102.0f, 102.125f, 101.625f, 101.375f, 99.75f, 100.5f, 99.125f, 100.125f, 100.125f];

    [Fact]
    public void A_classifier_of_three_classes_scores_as_in_scikit_learn()
    {
        var metrics = new CategoryMetrics(3);
        metrics.Add(Probabilities.AsSpan(0, 30), Classes.AsSpan(0, 10));
        metrics.Add(Probabilities.AsSpan(30), Classes.AsSpan(10));

        var scores = metrics.Compute();

        Assert.Equal(0.6666666666666666, scores["accuracy"], Tolerance);
        Assert.Equal(0.6666666666666666, scores["macro_f1"], Tolerance);
        Assert.Equal(0.7545454545454545, scores["macro_precision"], Tolerance);
        Assert.Equal(0.6809523809523811, scores["macro_recall"], Tolerance);
        Assert.Equal(0.8283208020050125, scores["roc_auc"], Tolerance);
        Assert.Equal(0.8260970950393517, scores["log_loss"], Tolerance);
        Assert.Equal<IReadOnlyList<long>>(
            [
                [4, 1, 0],
                [5, 9, 0],
                [2, 0, 3],
            ],
            metrics.Confusion.ToRows()
        );
    }

    [Fact]
    public void A_binary_classifier_scores_as_in_scikit_learn()
    {
        var metrics = new BinaryMetrics();
        metrics.Add(Scores, Flags);

        var scores = metrics.Compute();

        Assert.Equal(0.65, scores["accuracy"], Tolerance);
        Assert.Equal(0.6266666666666666, scores["macro_f1"], Tolerance);
        Assert.Equal(0.5333333333333333, scores["f1"], Tolerance);
        Assert.Equal(0.5, scores["precision"], Tolerance);
        Assert.Equal(0.5714285714285714, scores["recall"], Tolerance);
        Assert.Equal(0.7142857142857142, scores["roc_auc"], Tolerance);
        Assert.Equal(0.6291705572100463, scores["log_loss"], Tolerance);
    }

    [Fact]
    public void A_regression_scores_as_in_scikit_learn()
    {
        var metrics = new NumberMetrics();
        metrics.Add(Predictions, Targets);

        var scores = metrics.Compute();

        Assert.Equal(0.8125, scores["mae"], Tolerance);
        Assert.Equal(1.0026007846263303, scores["rmse"], Tolerance);
        Assert.Equal(0.41911211437170803, scores["r2"], Tolerance);
    }
}
