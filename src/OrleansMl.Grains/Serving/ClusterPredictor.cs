using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Grains.Serving.Residency;

namespace OrleansMl.Grains.Serving;

/// <summary>
/// Runs versions in this process where the silo serves, else on a silo that does, by preference one that has the version warm. A call
/// that was under way on a silo that went down is made once more on another: a prediction changes nothing.
/// </summary>
internal sealed class ClusterPredictor(ILocalPredictor local, ServingSilos silos) : IModelPredictor
{
    public ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        local.Available
            ? local.PredictAsync(version, request, cancellationToken)
            : new(
                ElsewhereAsync(
                    version,
                    service => service.PredictAsync(version, request, cancellationToken)
                )
            );

    public async ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        if (local.Available)
            await local.GetSignatureAsync(version, cancellationToken);
        else
            await ElsewhereAsync(version, service => service.LoadAsync(version, cancellationToken));
    }

    private async Task<T> ElsewhereAsync<T>(
        ModelVersionId version,
        Func<IServingSiloService, Task<T>> call
    )
    {
        var silo = silos.Choose(version, null);
        try
        {
            return await OnAsync(silo, version, call);
        }
        catch (OrleansMessageRejectionException)
        {
            return await OnAsync(silos.Choose(version, silo), version, call);
        }
    }

    private async Task<T> OnAsync<T>(
        ServingSilo silo,
        ModelVersionId version,
        Func<IServingSiloService, Task<T>> call
    )
    {
        silo.Begin();
        try
        {
            var answer = await call(silos.At(silo));
            silo.Answered(version);
            return answer;
        }
        finally
        {
            silo.End();
        }
    }
}
