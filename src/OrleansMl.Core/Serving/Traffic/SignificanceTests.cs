using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Whether two versions differ by more than chance.</summary>
public static class SignificanceTests
{
    /// <summary>
    /// The two-proportion z test: z = (p₂ − p₁) / √(p(1 − p)(1/n₁ + 1/n₂)) with the pooled p; the interval without pooling
    /// (Wald). NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.3.
    /// </summary>
    public static MetricComparison Proportions(
        string metric,
        SampleSummary baseline,
        SampleSummary candidate,
        double confidence
    )
    {
        var (n1, n2) = ((double)baseline.Count, (double)candidate.Count);
        var (p1, p2) = (baseline.Sum / n1, candidate.Sum / n2);
        var pooled = (baseline.Sum + candidate.Sum) / (n1 + n2);
        var variance = pooled * (1 - pooled) * ((1 / n1) + (1 / n2));
        var apart = (p1 * (1 - p1) / n1) + (p2 * (1 - p2) / n2);
        var z = Ratio(p2 - p1, variance);
        return Compare(
            metric,
            "two-proportion z",
            baseline,
            candidate,
            confidence,
            z,
            SpecialFunctions.TwoSidedNormal(z),
            Math.Sqrt(apart)
                * SpecialFunctions.Quantile(SpecialFunctions.TwoSidedNormal, 1 - confidence),
            variance,
            pooled * (1 - pooled)
        );
    }

    /// <summary>
    /// Welch's t test of two means: t = (m₂ − m₁) / √(s₁²/n₁ + s₂²/n₂), with the Welch–Satterthwaite degrees of freedom. Welch, "The
    /// generalization of 'Student's' problem when several different population variances are involved", Biometrika 1947.
    /// </summary>
    public static MetricComparison Means(
        string metric,
        SampleSummary baseline,
        SampleSummary candidate,
        double confidence
    )
    {
        var first = baseline.Variance / baseline.Count;
        var second = candidate.Variance / candidate.Count;
        var variance = first + second;
        var degrees =
            variance == 0
                ? baseline.Count + candidate.Count - 2
                : variance
                    * variance
                    / (
                        (first * first / (baseline.Count - 1))
                        + (second * second / (candidate.Count - 1))
                    );
        var t = Ratio(candidate.Mean - baseline.Mean, variance);
        return Compare(
            metric,
            "Welch t",
            baseline,
            candidate,
            confidence,
            t,
            SpecialFunctions.TwoSidedStudent(t, degrees),
            Math.Sqrt(variance)
                * SpecialFunctions.Quantile(
                    at => SpecialFunctions.TwoSidedStudent(at, degrees),
                    1 - confidence
                ),
            variance,
            (baseline.Variance + candidate.Variance) / 2
        );
    }

    /// <summary>
    /// The p-value of the mixture sequential probability ratio test with a normal mixture N(0, τ²): 1/Λ, with
    /// Λ = √(V/(V + τ²)) · exp(τ²d²/(2V(V + τ²))) for a difference d of variance V. It is valid at any time one stops, and
    /// asymptotically so with estimated variances. Johari, Koomen, Pekelis and Walsh, "Peeking at A/B tests", KDD 2017, equation 6.
    /// </summary>
    /// <param name="difference">d.</param>
    /// <param name="variance">V, 0 and more.</param>
    /// <param name="mixture">τ², above 0: the square of the difference to look for.</param>
    public static double AlwaysValidPValue(double difference, double variance, double mixture)
    {
        if (!(variance > 0) || !(mixture > 0))
            return 1;
        var sum = variance + mixture;
        var logarithm =
            (0.5 * Math.Log(variance / sum))
            + (mixture * difference * difference / (2 * variance * sum));
        return Math.Min(1, Math.Exp(-logarithm));
    }

    /// <summary>The lower end of Wilson's score interval of a proportion (JASA 1927), which is right for few observations too.</summary>
    public static double WilsonLow(long successes, long count, double z)
    {
        if (count == 0)
            return 0;
        double n = count;
        var p = successes / n;
        var square = z * z;
        return (
                p + (square / (2 * n)) - (z * Math.Sqrt((p * (1 - p) / n) + (square / (4 * n * n))))
            ) / (1 + (square / n));
    }

    private static MetricComparison Compare(
        string metric,
        string test,
        SampleSummary baseline,
        SampleSummary candidate,
        double confidence,
        double statistic,
        double pValue,
        double reach,
        double variance,
        double spread
    )
    {
        var difference = candidate.Mean - baseline.Mean;
        // A difference of a tenth of the observations' standard deviation is looked for: a small effect in most fields.
        var always = AlwaysValidPValue(difference, variance, 0.01 * spread);
        return new MetricComparison
        {
            Metric = metric,
            Test = test,
            BaselineCount = baseline.Count,
            CandidateCount = candidate.Count,
            Baseline = baseline.Mean,
            Candidate = candidate.Mean,
            Difference = difference,
            Low = difference - reach,
            High = difference + reach,
            Statistic = statistic,
            PValue = pValue,
            AlwaysValidPValue = always,
            Significant = always < 1 - confidence,
        };
    }

    // Without any spread nothing can be tested: no evidence rather than infinite evidence.
    private static double Ratio(double difference, double variance) =>
        variance > 0 ? difference / Math.Sqrt(variance) : 0;
}
