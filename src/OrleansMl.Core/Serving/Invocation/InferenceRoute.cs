using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Invocation;

/// <summary>A call with the version that will answer it.</summary>
/// <param name="Call">The call.</param>
/// <param name="Version">The version.</param>
/// <param name="Snapshot">The model as it was when the version was chosen.</param>
/// <param name="Prediction">Names the prediction where the model's traffic governs the call, so that its outcome can be told; else none.</param>
public readonly record struct InferenceRoute(
    InferenceCall Call,
    ModelVersionId Version,
    RouteSnapshot Snapshot,
    PredictionId Prediction = default
)
{
    /// <summary>Whether a request on this route is a call of a sequence: it has a sequence's id, and the model keeps sequences.</summary>
    public bool IsSequence(InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Snapshot.Serving.Policy.Sequences is not null
            && request.Parameters?.SequenceId is not null;
    }
}
