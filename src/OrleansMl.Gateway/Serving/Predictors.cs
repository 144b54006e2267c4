using Orleans;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Runs versions: in this process where the silo serves, else by the predictor grain.</summary>
internal sealed class Predictors(ILocalPredictor local, IGrainFactory grains)
{
    public ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        local.Available
            ? local.PredictAsync(version, request, cancellationToken)
            : new(Grain(version).PredictAsync(request, cancellationToken));

    /// <summary>Loads the version if need be.</summary>
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
