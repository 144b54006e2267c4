using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>What is known of the data that versions were trained on, for baselines.</summary>
public interface IExplanationReferences
{
    /// <summary>The version's profile: by the model's policy where it watches, else by the version's lineage.</summary>
    Task<VersionProfile> GetAsync(
        ModelVersionId version,
        RouteSnapshot route,
        CancellationToken cancellationToken
    );
}
