using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Metrics;

namespace OrleansMl.Core.Tests.Training.Metrics;

public sealed class ModelMetricsTests
{
    private static HeadPlan Head(string name, FeatureType type, params string[] classes) =>
        new()
        {
            Name = name,
            Column = name,
            Type = type,
            Layers = [],
            Loss = LossKind.CrossEntropy,
            Classes = classes,
        };

    [Fact]
    public void A_single_output_gives_plain_names_and_its_confusion_matrix()
    {
        var metrics = new ModelMetrics([Head("label", FeatureType.Category, "cat", "dog")]);
        metrics.Category(0).Add([0.9f, 0.1f, 0.8f, 0.2f], [0, 1]);
        metrics.AddLoss(1, 1);
        metrics.AddLoss(4, 2);

        var evaluation = metrics.ToEvaluation("test");

        Assert.Equal("test", evaluation.Split);
        Assert.Equal(2, evaluation.Examples);
        Assert.Equal(0.5, evaluation.Metrics["accuracy"]);
        Assert.Equal(3, evaluation.Metrics["loss"]);
        Assert.Equal(["cat", "dog"], evaluation.Labels);
        Assert.Equal<IReadOnlyList<long>>(
            [
                [1, 0],
                [1, 0],
            ],
            evaluation.ConfusionMatrix
        );
        Assert.Equal(
            MetricNames.For([("label", FeatureType.Category)]).Order(),
            evaluation.Metrics.Keys.Order()
        );
    }

    [Fact]
    public void Several_outputs_prefix_their_names()
    {
        var metrics = new ModelMetrics([
            Head("price", FeatureType.Number),
            Head("sold", FeatureType.Binary),
        ]);
        metrics.Number(0).Add([1, 2], [1, 4]);
        metrics.Binary(1).Add([0.9f, 0.2f], [true, true]);

        var scores = metrics.Compute();

        Assert.Equal(1, scores["price_mae"]);
        Assert.Equal(0.5, scores["sold_accuracy"]);
        Assert.Equal(1, scores["sold_precision"]);
        Assert.False(scores.ContainsKey("sold_roc_auc"));
        Assert.Equal(["false", "true"], metrics.ToEvaluation("test").Labels);
    }

    [Fact]
    public void Predicted_classes_of_the_model_itself_win_over_rounded_probabilities()
    {
        var metrics = new CategoryMetrics(2);

        metrics.Add([0.5f, 0.5f, 0.5f, 0.5f], [1, 0], [1, 0]);

        Assert.Equal(1, metrics.Compute()["accuracy"]);
    }

    [Fact]
    public void Past_the_kept_scores_the_area_is_left_out_and_the_rest_stays()
    {
        var metrics = new CategoryMetrics(2, maxScores: 4);

        metrics.Add([0.9f, 0.1f, 0.2f, 0.8f], [0, 1]);
        Assert.Equal(1, metrics.Compute()["roc_auc"]);
        metrics.Add([0.9f, 0.1f], [1]);

        Assert.False(metrics.Compute().ContainsKey("roc_auc"));
        Assert.Equal(2.0 / 3, metrics.Compute()["accuracy"], 1e-12);
    }

    [Fact]
    public void Scores_that_are_no_numbers_have_no_area_and_a_wrong_class_is_refused()
    {
        Assert.Null(RocAuc.Compute([float.NaN, 1f], [true, false]));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new CategoryMetrics(2).Add([0.5f, 0.5f], [2])
        );
        Assert.Throws<ArgumentException>(() => new CategoryMetrics(2).Add([0.5f], [0]));
    }

    [Theory]
    [InlineData("accuracy", true)]
    [InlineData("label_roc_auc", true)]
    [InlineData("loss", false)]
    [InlineData("price_rmse", false)]
    [InlineData("log_loss", false)]
    public void It_is_known_which_way_is_better(string metric, bool higher) =>
        Assert.Equal(higher, MetricNames.HigherIsBetter(metric));
}
