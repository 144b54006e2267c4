using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Routing;

/// <summary>Where routes come from: the models' grains.</summary>
public interface IModelSource
{
    /// <summary>The model, or null when there is none of this name.</summary>
    Task<ModelSnapshot?> FindAsync(string model, CancellationToken cancellationToken);

    /// <summary>How the model is served.</summary>
    Task<ServingPolicySnapshot> GetPolicyAsync(string model, CancellationToken cancellationToken);

    /// <summary>How the model's traffic stands; null where its policy has no traffic section.</summary>
    Task<TrafficRouting?> GetTrafficAsync(string model, CancellationToken cancellationToken);

    /// <summary>A version's record, or null.</summary>
    Task<ModelVersionSnapshot?> FindVersionAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    );
}
