using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Counts in words and measures.</summary>
public static class WatchMeasures
{
    /// <summary>A feature's measures; empty without a reference or values.</summary>
    public static IReadOnlyDictionary<WatchMeasure, double> Of(
        FeatureProfile profile,
        FeatureCounts counts
    )
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(counts);
        var measures = new Dictionary<WatchMeasure, double>();
        if (profile.Expected.Count > 0 && counts.Count > 0)
        {
            measures[WatchMeasure.Psi] = DistributionDistances.PopulationStability(
                counts.Bins,
                profile.Expected
            );
            measures[WatchMeasure.JensenShannon] = DistributionDistances.JensenShannon(
                counts.Bins,
                profile.Expected
            );
            measures[WatchMeasure.LInfinity] = DistributionDistances.Chebyshev(
                counts.Bins,
                profile.Expected
            );
        }
        if (profile.ExpectedMissing is { } expected && MissingShare(counts) is { } missing)
            measures[WatchMeasure.MissingDifference] = missing - expected;
        return measures;
    }

    /// <summary>A window's report.</summary>
    /// <param name="profile">What was counted by.</param>
    /// <param name="counts">The counts.</param>
    /// <param name="from">Its beginning.</param>
    /// <param name="to">Its end.</param>
    /// <param name="outliers">Whether outliers were looked for.</param>
    /// <param name="histograms">Whether histograms are wanted.</param>
    public static WindowReport Report(
        VersionProfile profile,
        WindowCounts counts,
        DateTimeOffset from,
        DateTimeOffset to,
        bool outliers,
        bool histograms
    )
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(counts);
        return new WindowReport
        {
            From = from,
            To = to,
            Calls = counts.Calls,
            Rows = counts.Rows,
            Outliers = outliers ? counts.Outliers : null,
            Features =
            [
                .. profile.Features.Zip(
                    counts.Features,
                    (feature, count) => Report(feature, count, histograms)
                ),
            ],
        };
    }

    private static FeatureReport Report(
        FeatureProfile profile,
        FeatureCounts counts,
        bool histogram
    )
    {
        var isNumber = !profile.IsCategory && counts.Count > 0;
        var mean = counts.Sum / counts.Count;
        return new FeatureReport
        {
            Name = profile.Name,
            Output = profile.IsOutput,
            Count = counts.Count,
            Missing = counts.Missing,
            Mean = isNumber ? mean : null,
            StandardDeviation = isNumber
                ? Math.Sqrt(Math.Max(0, (counts.SquaredSum / counts.Count) - (mean * mean)))
                : null,
            Minimum = counts.Minimum,
            Maximum = counts.Maximum,
            Measures = Of(profile, counts),
            Histogram = histogram ? Histogram(profile, counts) : [],
        };
    }

    private static HistogramBin[] Histogram(FeatureProfile profile, FeatureCounts counts)
    {
        var expected = profile.Expected.Sum();
        return
        [
            .. counts.Bins.Select(
                (count, bin) =>
                    new HistogramBin
                    {
                        Label = profile.Label(bin),
                        Count = count,
                        Share = counts.Count == 0 ? 0 : (double)count / counts.Count,
                        Expected = expected == 0 ? null : (double)profile.Expected[bin] / expected,
                    }
            ),
        ];
    }

    // A feature of one value a row has as many rows as values and gaps together; of more, a gap is a whole row.
    private static double? MissingShare(FeatureCounts counts) =>
        counts.Count + counts.Missing == 0
            ? null
            : (double)counts.Missing / (counts.Count + counts.Missing);
}
