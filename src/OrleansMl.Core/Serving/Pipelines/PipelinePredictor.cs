using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>
/// Runs versions that are pipelines, and hands all others on. A pipeline runs whole on one silo that serves, step by step
/// through <see cref="ModelInvoker"/>, so that its models' traffic and observers hold for it too. Thread-safe.
/// </summary>
public sealed class PipelinePredictor(
    IModelPredictor models,
    ILocalPredictor local,
    PipelinePlans plans,
    Lazy<ModelInvoker> invoker,
    TimeProvider time
) : IModelPredictor
{
    /// <inheritdoc/>
    public ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        // A silo that doesn't serve sends the request whole to one that does.
        !local.Available || (plans.TryGet(version, out var plan) && plan is null)
            ? models.PredictAsync(version, request, cancellationToken)
            : PredictHereAsync(version, request, cancellationToken);

    /// <summary>Runs a version on this silo, which serves: a pipeline's steps, or the model itself.</summary>
    public async ValueTask<InferenceResponse> PredictHereAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await plans.GetAsync(version, cancellationToken) is not { } plan)
            return await local.PredictAsync(version, request, cancellationToken);
        var inputs = TensorValidation.Check(version, plan.Signature, request);
        var run = new PipelineRun(plan, invoker.Value, time, request, (int)inputs[0].Shape[0]);
        return new InferenceResponse
        {
            Model = version.Name,
            Version = version.Version,
            Id = request.Id,
            Outputs = await run.RunAsync(inputs, cancellationToken),
        };
    }

    /// <inheritdoc/>
    public async ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        if (await plans.GetAsync(version, cancellationToken) is not { } plan)
        {
            await models.LoadAsync(version, cancellationToken);
            return;
        }
        foreach (var model in plan.Document.Models)
        {
            var route = await invoker.Value.RouteAsync(
                new InferenceCall(model.Model, model.Reference),
                cancellationToken
            );
            await models.LoadAsync(route.Version, cancellationToken);
        }
    }
}
