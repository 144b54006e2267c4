using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Metrics;

/// <summary>
/// The names of metrics. A model with one output gives them as they are; with several, each output's begin with its
/// name: <c>label_accuracy</c>. <see cref="Loss"/> is always the whole model's.
/// </summary>
public static class MetricNames
{
    /// <summary>The training loss: the weighted sum over all outputs. Lower is better.</summary>
    public const string Loss = "loss";

    /// <summary>Share of rows whose predicted class is the true one, 0 to 1.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>F1, every class counted alike, 0 to 1.</summary>
    public const string MacroF1 = "macro_f1";

    /// <summary>Precision, every class counted alike, 0 to 1.</summary>
    public const string MacroPrecision = "macro_precision";

    /// <summary>Recall, every class counted alike, 0 to 1.</summary>
    public const string MacroRecall = "macro_recall";

    /// <summary>Binary: F1 of true, 0 to 1.</summary>
    public const string F1 = "f1";

    /// <summary>Binary: share of those predicted true that are, 0 to 1.</summary>
    public const string Precision = "precision";

    /// <summary>Binary: share of the true ones that are found, 0 to 1.</summary>
    public const string Recall = "recall";

    /// <summary>Area under the ROC curve; with several classes, the mean of one against the rest. 0 to 1; left out where only one class occurs.</summary>
    public const string RocAuc = "roc_auc";

    /// <summary>Mean negative logarithm (nats) of the probability given to the true class. Lower is better.</summary>
    public const string LogLoss = "log_loss";

    /// <summary>Mean absolute error, in the target's unit. Lower is better.</summary>
    public const string MeanAbsoluteError = "mae";

    /// <summary>Root of the mean squared error, in the target's unit. Lower is better.</summary>
    public const string RootMeanSquaredError = "rmse";

    /// <summary>Coefficient of determination: 1 is perfect, 0 as good as the mean; left out where the target never varies.</summary>
    public const string R2 = "r2";

    private static readonly string[] Category =
    [
        Accuracy,
        MacroF1,
        MacroPrecision,
        MacroRecall,
        RocAuc,
        LogLoss,
    ];

    private static readonly string[] Binary =
    [
        Accuracy,
        MacroF1,
        F1,
        Precision,
        Recall,
        RocAuc,
        LogLoss,
    ];

    private static readonly string[] Number = [MeanAbsoluteError, RootMeanSquaredError, R2];

    private static readonly string[] LowerIsBetter =
    [
        Loss,
        LogLoss,
        MeanAbsoluteError,
        RootMeanSquaredError,
    ];

    /// <summary>The names of one type of output, without a prefix.</summary>
    public static IReadOnlyList<string> Of(FeatureType output) =>
        output switch
        {
            FeatureType.Category => Category,
            FeatureType.Binary => Binary,
            _ => Number,
        };

    /// <summary>What stands before an output's metrics: nothing for an only one.</summary>
    public static string Prefix(string output, int outputs) => outputs == 1 ? "" : output + "_";

    /// <summary>Every name that a model with these outputs gives.</summary>
    public static IReadOnlyList<string> For(IReadOnlyList<(string Name, FeatureType Type)> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        return
        [
            Loss,
            .. outputs.SelectMany(o =>
                Of(o.Type).Select(metric => Prefix(o.Name, outputs.Count) + metric)
            ),
        ];
    }

    /// <summary>Whether more of a metric, prefixed or not, is better.</summary>
    public static bool HigherIsBetter(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return !LowerIsBetter.Any(name =>
            metric == name || metric.EndsWith("_" + name, StringComparison.Ordinal)
        );
    }
}
