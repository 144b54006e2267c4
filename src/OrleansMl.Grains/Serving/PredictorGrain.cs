using Orleans.Concurrency;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving;

/// <summary>Serves one model version with the session that this silo's calls share. Interleaves: a call that waits for a load or a thread holds no other back.</summary>
[GrainType("predictor")]
[StatelessWorker]
[Reentrant]
[RequireRole(SiloRoles.Serve)]
internal sealed class PredictorGrain(ILocalPredictor predictor, PipelinePredictor pipelines)
    : Grain,
        IPredictorGrain
{
    public Task<InferenceResponse> PredictAsync(
        InferenceRequest request,
        CancellationToken cancellationToken
    ) => pipelines.PredictHereAsync(Version(), request, cancellationToken).AsTask();

    public Task<ModelSignature> GetSignatureAsync(CancellationToken cancellationToken) =>
        predictor.GetSignatureAsync(Version(), cancellationToken).AsTask();

    private ModelVersionId Version() =>
        ModelVersionId.TryParse(this.GetPrimaryKeyString(), null, out var version)
            ? version
            : throw new InvalidInputException(
                $"'{this.GetPrimaryKeyString()}' is not a model version: expected name@version, for example churn@7."
            );
}
