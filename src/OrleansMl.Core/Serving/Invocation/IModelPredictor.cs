using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Invocation;

/// <summary>Runs versions wherever in the cluster they are: in this process where the silo serves, else on one that does. Thread-safe.</summary>
public interface IModelPredictor
{
    /// <summary>Runs a version, as <see cref="ILocalPredictor.PredictAsync"/>.</summary>
    ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>Loads the version if need be.</summary>
    ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken);
}
