using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Serving.Statistics;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>Answers other silos' calls on this one. The work goes to the pool at once: the service's own scheduler is one thread at a time.</summary>
internal sealed class ServingSiloService(
    GrainId id,
    Silo silo,
    ILoggerFactory loggers,
    PredictorSessions sessions,
    PipelinePredictor predictor,
    PipelinePlans pipelines,
    ILocalSiloDetails details,
    ServingCounters counters
) : GrainService(id, silo, loggers), IServingSiloService
{
    public Task<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        Task.Run(
            () => predictor.PredictHereAsync(version, request, cancellationToken).AsTask(),
            cancellationToken
        );

    public Task<ModelResidence> LoadAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => Task.Run(() => LoadHereAsync(version, cancellationToken), cancellationToken);

    public Task UnloadAsync(ModelVersionId version, CancellationToken cancellationToken) =>
        Task.Run(() => sessions.UnloadAsync(version), cancellationToken);

    public Task<IReadOnlyList<ModelResidence>> IndexAsync(CancellationToken cancellationToken) =>
        Task.FromResult(sessions.Index());

    public Task<ServingReport> ReportAsync(long known, CancellationToken cancellationToken)
    {
        // Read first: what changes meanwhile is told with the next revision.
        var revision = sessions.Revision;
        return Task.FromResult(
            new ServingReport
            {
                Revision = revision,
                Warm = revision == known ? null : sessions.Warm,
                Waiting = sessions.Waiting,
            }
        );
    }

    public Task<IReadOnlyList<VersionStatistics>> StatisticsAsync(
        string? model,
        int? version,
        CancellationToken cancellationToken
    )
    {
        var memory = sessions
            .Index()
            .ToDictionary(there => there.Version, there => there.MemoryBytes);
        return Task.FromResult<IReadOnlyList<VersionStatistics>>([
            .. counters
                .All.Where(counted =>
                    (model is null || counted.Version.Name == model)
                    && (version is null || counted.Version.Version == version)
                )
                .Select(counted =>
                    counted.Read() with
                    {
                        MemoryBytes = memory.GetValueOrDefault(counted.Version),
                    }
                ),
        ]);
    }

    private async Task<ModelResidence> LoadHereAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        if (await pipelines.GetAsync(version, cancellationToken) is null)
            return await sessions.LoadAsync(version, cancellationToken);
        // A pipeline has no memory of its own: its models have.
        await predictor.LoadAsync(version, cancellationToken);
        return new ModelResidence
        {
            Version = version,
            Silo = details.Name,
            State = ModelResidenceState.Ready,
        };
    }
}
