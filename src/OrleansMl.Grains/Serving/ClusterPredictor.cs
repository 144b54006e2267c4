using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Grains.Serving;

/// <summary>Runs versions in this process where the silo serves, else by the predictor grain.</summary>
internal sealed class ClusterPredictor(ILocalPredictor local, IGrainFactory grains)
    : IModelPredictor
{
    public ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        local.Available
            ? local.PredictAsync(version, request, cancellationToken)
            : new(Grain(version).PredictAsync(request, cancellationToken));

    public async ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        if (local.Available)
            await local.GetSignatureAsync(version, cancellationToken);
        else
            await Grain(version).GetSignatureAsync(cancellationToken);
    }

    private IPredictorGrain Grain(ModelVersionId version) =>
        grains.GetGrain<IPredictorGrain>(version.ToString());
}
