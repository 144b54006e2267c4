using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Compares two versions by all that is known of both.</summary>
public static class VersionComparisons
{
    /// <summary>Error rate, latency and outcome, each where both have two observations and more.</summary>
    public static IReadOnlyList<MetricComparison> Compare(
        ArmTally baseline,
        ArmTally candidate,
        OutcomeTally baselineOutcomes,
        OutcomeTally candidateOutcomes,
        OutcomeKind kind,
        double confidence
    )
    {
        List<MetricComparison> metrics = [];
        Add(
            new(baseline.Requests, baseline.Errors, baseline.Errors),
            new(candidate.Requests, candidate.Errors, candidate.Errors),
            (a, b) => SignificanceTests.Proportions("error_rate", a, b, confidence)
        );
        Add(
            new(baseline.Requests - baseline.Errors, baseline.Seconds, baseline.SquaredSeconds),
            new(candidate.Requests - candidate.Errors, candidate.Seconds, candidate.SquaredSeconds),
            (a, b) => SignificanceTests.Means("latency_seconds", a, b, confidence)
        );
        Add(
            new(baselineOutcomes.Count, baselineOutcomes.Sum, baselineOutcomes.SumOfSquares),
            new(candidateOutcomes.Count, candidateOutcomes.Sum, candidateOutcomes.SumOfSquares),
            (a, b) =>
                kind == OutcomeKind.Binary
                    ? SignificanceTests.Proportions("outcome", a, b, confidence)
                    : SignificanceTests.Means("outcome", a, b, confidence)
        );
        return metrics;

        void Add(
            SampleSummary a,
            SampleSummary b,
            Func<SampleSummary, SampleSummary, MetricComparison> test
        )
        {
            if (a.Count >= 2 && b.Count >= 2)
                metrics.Add(test(a, b));
        }
    }
}
