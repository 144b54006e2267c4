namespace OrleansMl.Core.Serving.Traffic;

/// <summary>An outcome as it is kept.</summary>
/// <param name="Id">Its id, unique in its model.</param>
/// <param name="Version">The version that predicted.</param>
/// <param name="Experiment">The experiment that it counts for.</param>
/// <param name="Value">The outcome.</param>
/// <param name="PredictedAt">When the prediction was made; where that isn't known, when the outcome came.</param>
public sealed record FeedbackEntry(
    string Id,
    int Version,
    long Experiment,
    double Value,
    DateTimeOffset PredictedAt
);
