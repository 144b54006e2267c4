using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Outcomes of predictions and their sums, durable. Implemented by Storage; one contract suite runs against every implementation.</summary>
public interface IFeedbackStore
{
    /// <summary>Writes outcomes of which the ids are new to the model and adds them to their versions' sums, all in one transaction.</summary>
    /// <returns>How many were new.</returns>
    Task<int> RecordAsync(
        string model,
        IReadOnlyList<FeedbackEntry> outcomes,
        CancellationToken cancellationToken
    );

    /// <summary>The sums of an experiment, by version.</summary>
    Task<IReadOnlyList<OutcomeTally>> ReadAsync(
        string model,
        long experiment,
        CancellationToken cancellationToken
    );

    /// <summary>Forgets the ids of outcomes of older predictions; their sums stay.</summary>
    Task ForgetAsync(string model, DateTimeOffset before, CancellationToken cancellationToken);
}
