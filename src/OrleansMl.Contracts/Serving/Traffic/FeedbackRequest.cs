namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>The HTTP telling of outcomes.</summary>
public sealed record FeedbackRequest
{
    /// <summary>The outcomes, 1 to 1,000.</summary>
    public required IReadOnlyList<OutcomeReport> Outcomes { get; init; }
}
