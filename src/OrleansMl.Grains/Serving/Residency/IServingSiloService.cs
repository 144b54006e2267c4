using Orleans.Services;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>A silo's loaded models, for the other silos: one on each silo, by its address.</summary>
[Alias("oml.IServingSiloService")]
internal interface IServingSiloService : IGrainService
{
    [Alias("Predict")]
    Task<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    );

    [Alias("Load")]
    Task<ModelResidence> LoadAsync(ModelVersionId version, CancellationToken cancellationToken);

    [Alias("Unload")]
    Task UnloadAsync(ModelVersionId version, CancellationToken cancellationToken);

    [Alias("Index")]
    Task<IReadOnlyList<ModelResidence>> IndexAsync(CancellationToken cancellationToken);

    /// <summary>What is in memory, left out when the caller knows this revision.</summary>
    [Alias("Report")]
    Task<ServingReport> ReportAsync(long known, CancellationToken cancellationToken);

    [Alias("Statistics")]
    Task<IReadOnlyList<VersionStatistics>> StatisticsAsync(
        string? model,
        int? version,
        CancellationToken cancellationToken
    );
}
