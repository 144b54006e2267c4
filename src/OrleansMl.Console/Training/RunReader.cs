using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Console.Operations;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Training;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Training;

/// <summary>Runs as a viewer may see them.</summary>
internal sealed class RunReader(
    IGrainFactory grains,
    ICatalog catalog,
    ITrainingMetricsStore metrics,
    IOptions<ConsoleOptions> options
)
{
    private const int MostSeries = 4;

    /// <summary>A page of runs, newest first.</summary>
    public Task<Listing<TrainingRunSummary>> ListAsync(
        Caller viewer,
        TrainingRunPhase? phase,
        int offset,
        int size,
        CancellationToken cancellationToken
    ) =>
        Listing<TrainingRunSummary>.ReadAsync(
            catalog,
            new CatalogQuery(
                CatalogKinds.TrainingRun,
                phase is { } wanted ? [wanted.ToString()] : [],
                KeyPrefix: null,
                offset,
                size
            ),
            viewer,
            run => run.Model,
            cancellationToken
        );

    /// <summary>A run.</summary>
    /// <exception cref="NotFoundException">There is none of this id.</exception>
    /// <exception cref="RequestException">The viewer may not see its model.</exception>
    public async Task<TrainingRunSnapshot> FindAsync(
        Caller viewer,
        string id,
        CancellationToken cancellationToken
    )
    {
        QueryReading.Name(id, "training run");
        var run =
            await grains.GetGrain<ITrainingRunGrain>(id).GetAsync(cancellationToken)
            ?? throw new NotFoundException($"There is no training run '{id}'.");
        return viewer.Models.Permit(run.Spec.Model)
            ? run
            : throw viewer.RefuseModel(run.Spec.Model);
    }

    /// <summary>Its stored points, thinned to what is drawn.</summary>
    public Task<IReadOnlyList<MetricPoint>> PointsAsync(
        TrainingRunId id,
        CancellationToken cancellationToken
    ) =>
        metrics.ReadAsync(
            id,
            series: null,
            options.Value.MaxPoints * MostSeries,
            cancellationToken
        );

    /// <summary>Its events from now on, the present state first.</summary>
    public IAsyncEnumerable<TrainingEvent> Watch(
        TrainingRunId id,
        CancellationToken cancellationToken
    ) => grains.GetGrain<ITrainingRunGrain>(id.Value).WatchAsync(cancellationToken);

    /// <summary>Stops a run.</summary>
    public Task<TrainingRunSnapshot> CancelAsync(
        TrainingRunId id,
        CancellationToken cancellationToken
    ) => grains.GetGrain<ITrainingRunGrain>(id.Value).CancelAsync(cancellationToken);
}
