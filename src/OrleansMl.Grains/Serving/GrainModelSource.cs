using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Grains.Serving;

/// <summary>Asks the models' grains.</summary>
internal sealed class GrainModelSource(IGrainFactory grains) : IModelSource
{
    public Task<ModelSnapshot?> FindAsync(string model, CancellationToken cancellationToken) =>
        grains.GetGrain<IModelGrain>(model).GetAsync(cancellationToken);

    public Task<ServingPolicySnapshot> GetPolicyAsync(
        string model,
        CancellationToken cancellationToken
    ) => grains.GetGrain<IModelServingGrain>(model).GetAsync(cancellationToken);

    public Task<TrafficRouting?> GetTrafficAsync(
        string model,
        CancellationToken cancellationToken
    ) => grains.GetGrain<IModelTrafficGrain>(model).GetRoutingAsync(cancellationToken);

    public Task<ModelVersionSnapshot?> FindVersionAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) =>
        grains
            .GetGrain<IModelGrain>(version.Name)
            .GetVersionAsync(version.Version, cancellationToken);
}
