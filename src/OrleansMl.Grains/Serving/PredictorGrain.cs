using Orleans.Concurrency;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Grains.Serving;

/// <summary>Serves one model version: on the silo where the call arrived when that serves, else on one that does. Interleaves: a call that waits for a load or a thread holds no other back.</summary>
[GrainType("predictor")]
[StatelessWorker]
[Reentrant]
internal sealed class PredictorGrain(
    PipelinePredictor predictor,
    ModelSignatures signatures,
    ModelInvoker invoker
) : Grain, IPredictorGrain
{
    public Task<InferenceResponse> PredictAsync(
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        request.Parameters?.SequenceId is null
            ? predictor.PredictAsync(Version(), request, cancellationToken).AsTask()
            : StepAsync(Version(), request, cancellationToken);

    public async Task<ModelSignature> GetSignatureAsync(CancellationToken cancellationToken)
    {
        await predictor.LoadAsync(Version(), cancellationToken);
        return await signatures.GetAsync(Version(), cancellationToken);
    }

    // The sequence's own grain answers, where the model keeps sequences.
    private async Task<InferenceResponse> StepAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        var route = await invoker.RouteAsync(
            new InferenceCall(version.Name, version.Version.ToString()),
            cancellationToken
        );
        return route.IsSequence(request)
            ? await invoker.InvokeAsync(route, request, cancellationToken)
            : await predictor.PredictAsync(version, request, cancellationToken);
    }

    private ModelVersionId Version() =>
        ModelVersionId.TryParse(this.GetPrimaryKeyString(), null, out var version)
            ? version
            : throw new InvalidInputException(
                $"'{this.GetPrimaryKeyString()}' is not a model version: expected name@version, for example churn@7."
            );
}
