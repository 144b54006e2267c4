using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Outcomes that may be taken.</summary>
/// <param name="Entries">Those with a value for traffic.</param>
/// <param name="Truths">Those with a label or number for the predictions' quality.</param>
/// <param name="Late">How many were of predictions older than the window.</param>
public sealed record CheckedFeedback(
    IReadOnlyList<FeedbackEntry> Entries,
    IReadOnlyList<TrueOutcome> Truths,
    int Late
);
