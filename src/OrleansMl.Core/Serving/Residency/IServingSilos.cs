using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Residency;

/// <summary>The silos with the role <c>serve</c>, one by one: for what must be done on each of them. Thread-safe.</summary>
public interface IServingSilos
{
    /// <summary>Names of those that are up, sorted.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Runs a version on one silo, loaded first if need be, as <see cref="ILocalPredictor.PredictAsync"/> there does.</summary>
    /// <exception cref="Contracts.UnavailableException">The silo can't load the version.</exception>
    /// <exception cref="SiloUnreachableException">It is not up, or gave no answer.</exception>
    Task<InferenceResponse> PredictAsync(
        string silo,
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>Loads a version on one silo.</summary>
    /// <exception cref="Contracts.UnavailableException">The silo can't load the version.</exception>
    /// <exception cref="SiloUnreachableException">It is not up, or gave no answer.</exception>
    Task<ModelResidence> LoadAsync(
        string silo,
        ModelVersionId version,
        CancellationToken cancellationToken
    );
}
