using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Sequences;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Serving.Invocation;

/// <summary>
/// The one way from a call to an answer, for every way in: HTTP, gRPC, jobs, events, pipelines. First the route, from an
/// immutable snapshot; then the version's run. Thread-safe.
/// </summary>
public sealed class ModelInvoker(
    ModelRoutes routes,
    IModelPredictor predictor,
    TrafficRouter traffic,
    IEnumerable<IInferenceObserver> observers,
    ModelExplainer? explainer = null,
    ISequenceRunner? sequences = null,
    ResponseCache? cache = null
)
{
    private readonly IInferenceObserver[] _observers = [.. observers];

    /// <summary>Chooses the version that answers a call.</summary>
    /// <exception cref="Contracts.NotFoundException">No such model or version.</exception>
    public async ValueTask<InferenceRoute> RouteAsync(
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await routes.GetAsync(call.Model, cancellationToken);
        return traffic.Route(call, snapshot);
    }

    /// <summary>Runs the chosen version.</summary>
    /// <exception cref="Contracts.InvalidInputException">A tensor is wrong.</exception>
    /// <exception cref="Contracts.OverloadedException">Too many calls wait for the version.</exception>
    /// <exception cref="Contracts.UnavailableException">The version can't answer now.</exception>
    public async ValueTask<InferenceResponse> InvokeAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        var policy = route.Snapshot.Serving.Policy;
        if (policy.Sequences is not null && route.IsSequence(request))
            return await StepAsync(route, request, cancellationToken);
        // An explained answer is computed: its explanation costs a thousand times as much.
        var response =
            policy.Cache is { } caching && cache is not null && request.Parameters.Explain is null
                ? await cache.AnswerAsync(caching, route, request, this, cancellationToken)
            : route.Prediction.IsNone
                ? await predictor.PredictAsync(route.Version, request, cancellationToken)
            : await InvokeGovernedAsync(route, request, cancellationToken);
        foreach (var observer in _observers)
            observer.Answered(route, request, response);
        return request.Parameters.Explain is { } explain
            ? await ExplainAsync(route, request, response, explain, cancellationToken)
            : response;
    }

    /// <summary>Routes and runs.</summary>
    public async ValueTask<InferenceResponse> InvokeAsync(
        InferenceCall call,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) => await InvokeAsync(await RouteAsync(call, cancellationToken), request, cancellationToken);

    /// <summary>Runs the chosen version, without a look into the cache.</summary>
    internal ValueTask<InferenceResponse> RunAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) =>
        route.Prediction.IsNone
            ? predictor.PredictAsync(route.Version, request, cancellationToken)
            : InvokeGovernedAsync(route, request, cancellationToken);

    // Neither counted by the model's traffic nor shadowed: a later call has no choice of version, and a shadow has no state.
    private async ValueTask<InferenceResponse> StepAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        if (sequences is null)
            throw new UnavailableException("This server keeps no sequences.");
        var response = await sequences.StepAsync(route, request, cancellationToken);
        var answered = route with
        {
            Version = new ModelVersionId(route.Version.Name, response.Version),
            Prediction = default,
        };
        foreach (var observer in _observers)
            observer.Answered(answered, request, response);
        return response;
    }

    private async ValueTask<InferenceResponse> ExplainAsync(
        InferenceRoute route,
        InferenceRequest request,
        InferenceResponse response,
        ExplanationRequest explain,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (explainer is null)
                throw new InvalidInputException("explain: this server explains no answers.");
            var explanation = await explainer.ExplainAsync(
                route,
                request,
                explain,
                cancellationToken
            );
            return response with { Outputs = [.. response.Outputs, .. explanation] };
        }
        catch
        {
            response.Release();
            throw;
        }
    }

    private async ValueTask<InferenceResponse> InvokeGovernedAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        var started = traffic.Start();
        try
        {
            var response = await predictor.PredictAsync(route.Version, request, cancellationToken);
            traffic.Answered(route, request, response, started);
            return response;
        }
        catch (Exception error)
        {
            traffic.Failed(route, error);
            throw;
        }
    }
}
