using Orleans.Concurrency;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What is seen of a model's live calls over all silos, by the model's name.</summary>
[Alias("oml.IModelWatchGrain")]
[ClientAccess(Permission.None)]
public interface IModelWatchGrain : IGrainWithStringKey
{
    /// <summary>Takes a silo's counts. They are held in memory until their window has closed, and then written with the alerts that they raise or clear.</summary>
    [Alias("Report")]
    Task<WatchReceipt> ReportAsync(WatchReport report, CancellationToken cancellationToken);

    /// <summary>Outcomes were joined with predictions: their window is judged when it has closed.</summary>
    [AlwaysInterleave]
    [Alias("Outcomes")]
    Task OutcomesAsync(CancellationToken cancellationToken);

    /// <summary>The statistics.</summary>
    /// <exception cref="NotFoundException">The model is not watched.</exception>
    [ClientAccess(Permission.Read, ClientScope.Key)]
    [Alias("Get")]
    Task<WatchSnapshot> GetAsync(CancellationToken cancellationToken);

    /// <summary>Alerts, newest first: those raised now and the last that were cleared.</summary>
    [ClientAccess(Permission.Read, ClientScope.Key)]
    [Alias("GetAlerts")]
    Task<IReadOnlyList<AlertSnapshot>> GetAlertsAsync(CancellationToken cancellationToken);
}
