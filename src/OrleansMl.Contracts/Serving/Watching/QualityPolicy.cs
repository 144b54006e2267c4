namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>
/// How right a model's predictions were, once it is known: governed predictions are kept until their outcomes are told with a label or number
/// (<c>POST …/feedback</c>), and joined with them. It needs the policy's section <c>traffic</c>, which gives predictions their ids.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.QualityPolicy")]
public sealed record QualityPolicy
{
    /// <summary>Share of the predictions that wait for their outcome, above 0 to 1, by a hash of the prediction's id. Outcomes of others are unknown.</summary>
    /// <value>The default is 1.</value>
    [Id(0)]
    public double Sample { get; init; } = 1;

    /// <summary>Seconds of one window, 60 to 604,800. An outcome counts in the window in which it came. Windows begin at whole multiples of it since 1970.</summary>
    /// <value>The default is 3,600.</value>
    [Id(1)]
    public int WindowSeconds { get; init; } = 3_600;

    /// <summary>Closed windows that are kept, 1 to 200.</summary>
    /// <value>The default is 48.</value>
    [Id(2)]
    public int KeptWindows { get; init; } = 48;

    /// <summary>Rows of predictions that are kept at a time, 1 to 100,000,000; past it the oldest go, joined or not. They go too when they are older than the traffic section's <c>feedbackWindowSeconds</c>.</summary>
    /// <value>The default is 1,000,000.</value>
    [Id(3)]
    public int MaxPredictions { get; init; } = 1_000_000;
}
