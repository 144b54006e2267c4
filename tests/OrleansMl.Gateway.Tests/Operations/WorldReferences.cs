using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>The world's models know no training data.</summary>
public sealed class WorldReferences(ClusterWorld world) : IExplanationReferences
{
    public Task<VersionProfile> GetAsync(
        ModelVersionId version,
        RouteSnapshot route,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            ProfileBuilder.Build(world.Versions[version.ToString()], null, new WatchPolicy())
        );
}
