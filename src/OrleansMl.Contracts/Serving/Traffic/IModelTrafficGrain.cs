using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>A model's traffic, by the model's name: what silos counted, outcomes, the canary.</summary>
[Alias("oml.IModelTrafficGrain")]
[ClientAccess(Permission.None)]
public interface IModelTrafficGrain : IGrainWithStringKey
{
    /// <summary>All that is known of the experiment under way, and what was decided ever.</summary>
    [ClientAccess(Permission.Read, ClientScope.Key)]
    [Alias("Get")]
    Task<TrafficSnapshot> GetAsync(CancellationToken cancellationToken);

    /// <summary>What silos need for routing; null when the policy has no traffic section.</summary>
    [Alias("GetRouting")]
    Task<TrafficRouting?> GetRoutingAsync(CancellationToken cancellationToken);

    /// <summary>Adds what a silo counted, once per source and sequence; durable when this returns. Counts of an experiment or step that is over are left out.</summary>
    [Alias("Report")]
    Task ReportAsync(TrafficReport report, CancellationToken cancellationToken);

    /// <summary>Counts outcomes, each once by its id; durable when this returns.</summary>
    /// <exception cref="InvalidInputException">An outcome is wrong; none of them was counted.</exception>
    /// <exception cref="NotFoundException">No such version.</exception>
    /// <exception cref="ConflictException">The model's policy has no traffic section.</exception>
    [ClientAccess(Permission.Predict, ClientScope.Key)]
    [Alias("Feedback")]
    Task<FeedbackResult> FeedbackAsync(
        IReadOnlyList<OutcomeReport> outcomes,
        CancellationToken cancellationToken
    );

    /// <summary>Compares two versions of the experiment under way with significance tests.</summary>
    /// <param name="baseline">The version to compare with; null: the canary's old one, else the lowest number.</param>
    /// <param name="candidate">The version to compare; null: the canary's new one, else the highest number.</param>
    /// <param name="confidence">0.5 to 0.9999.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotFoundException">One of them had no calls and no outcomes.</exception>
    [ClientAccess(Permission.Read, ClientScope.Key)]
    [Alias("Compare")]
    Task<VersionComparison> CompareAsync(
        int? baseline,
        int? candidate,
        double confidence,
        CancellationToken cancellationToken
    );

    /// <summary>Moves the canary by hand; durable when this returns.</summary>
    /// <exception cref="ConflictException">There is no canary, or it has ended.</exception>
    [ClientAccess(Permission.Operate, ClientScope.Key, Action = "model.canary")]
    [Alias("Command")]
    Task<TrafficSnapshot> CommandAsync(CanaryCommand command, CancellationToken cancellationToken);
}
