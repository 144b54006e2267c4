using Orleans.Concurrency;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Grains.Serving;

/// <summary>The way in for callers inside the cluster and Orleans clients. Keeps nothing: any number of it on every silo, each taking all calls side by side.</summary>
[GrainType("model-inference")]
[StatelessWorker]
[Reentrant]
internal sealed class ModelInferenceGrain(ModelInvoker invoker, ModelSignatures signatures)
    : Grain,
        IModelInferenceGrain
{
    private const int MaxKeyLength = 200;

    public async Task<InferenceResponse> InferAsync(
        string reference,
        string? key,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        if (key?.Length > MaxKeyLength)
            throw new InvalidInputException(
                $"key: expected at most {MaxKeyLength} characters, got {key.Length}."
            );
        return await invoker.InvokeAsync(Call(reference, key), request, cancellationToken);
    }

    public async Task<ModelDescription> DescribeAsync(
        string reference,
        CancellationToken cancellationToken
    )
    {
        var route = await invoker.RouteAsync(Call(reference, key: null), cancellationToken);
        var signature = await signatures.GetAsync(route.Version, cancellationToken);
        return new ModelDescription
        {
            Model = route.Version.Name,
            Version = route.Version.Version,
            Inputs = signature.Inputs,
            Outputs = signature.Outputs,
        };
    }

    private InferenceCall Call(string reference, string? key)
    {
        var model = this.GetPrimaryKeyString();
        return ResourceName.IsValid(model)
            ? new InferenceCall(model, reference, key)
            : throw new InvalidInputException($"'{model}' is not a model name.");
    }
}
