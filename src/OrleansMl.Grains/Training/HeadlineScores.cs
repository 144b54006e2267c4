using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>The few scores that lists show.</summary>
internal static class HeadlineScores
{
    private const int MaxMetrics = 16;

    /// <summary>Those of the test split, else validation, else train.</summary>
    public static (string? Split, IReadOnlyDictionary<string, double> Metrics) Of(
        IReadOnlyList<Evaluation> evaluations
    )
    {
        foreach (var split in (ReadOnlySpan<string>)["test", "validation", "train"])
        {
            foreach (var evaluation in evaluations)
            {
                if (evaluation.Split == split)
                    return (
                        split,
                        evaluation
                            .Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
                            .Take(MaxMetrics)
                            .ToDictionary()
                    );
            }
        }
        return (null, new Dictionary<string, double>());
    }
}
