using Orleans.Placement;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Routing;

/// <summary>A silo's address for changed routes.</summary>
[GrainType("silo-routes")]
[Immovable]
[OnNamedSilo]
internal sealed class SiloRoutesGrain(ModelRoutes routes, ResponseCache cache)
    : Grain,
        ISiloRoutesGrain
{
    public Task ChangedAsync(string model, CancellationToken cancellationToken)
    {
        routes.Changed(model);
        return Task.CompletedTask;
    }

    public Task UnloadedAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        cache.Drop(version);
        return Task.CompletedTask;
    }
}
