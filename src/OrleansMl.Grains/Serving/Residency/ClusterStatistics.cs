using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Statistics;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>The sums over the silos that answer.</summary>
internal sealed class ClusterStatistics(ServingSilos silos) : IServingStatistics
{
    public async Task<VersionStatistics> GetAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) =>
        await SumAsync(version.Name, version.Version, cancellationToken) is [var sum, ..]
            ? sum
            : new VersionStatistics { Version = version };

    public Task<IReadOnlyList<VersionStatistics>> ListAsync(
        string? model,
        CancellationToken cancellationToken
    ) => SumAsync(model, null, cancellationToken);

    private async Task<IReadOnlyList<VersionStatistics>> SumAsync(
        string? model,
        int? version,
        CancellationToken cancellationToken
    ) =>
        StatisticsSum.Of(
            (
                await ModelResidency.AnsweringAsync(
                    silos,
                    service => service.StatisticsAsync(model, version, cancellationToken)
                )
            ).SelectMany(each => each)
        );
}
