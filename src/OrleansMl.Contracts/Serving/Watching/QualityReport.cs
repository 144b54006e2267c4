namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>How right predictions were of which the outcomes came in some time.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.QualityReport")]
public sealed record QualityReport
{
    /// <summary>From.</summary>
    [Id(0)]
    public required DateTimeOffset From { get; init; }

    /// <summary>To.</summary>
    [Id(1)]
    public required DateTimeOffset To { get; init; }

    /// <summary>Outcomes joined.</summary>
    [Id(2)]
    public required long Outcomes { get; init; }

    /// <summary>The measures that are defined: of classes accuracy, and with probabilities logLoss, brier and calibrationError; of numbers meanAbsoluteError and rootMeanSquareError.</summary>
    [Id(3)]
    public required IReadOnlyList<QualityMetric> Metrics { get; init; }
}
