using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Rollout;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving;

/// <summary>How models are served.</summary>
internal static class ServingPolicyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var models = routes
            .MapGroup("/api/v1/models")
            .WithTags("Serving")
            .Needs(Permission.Read, ModelScope.Route);
        models
            .MapGet("/{model}/serving", GetAsync)
            .WithSummary("How the model is served")
            .Produces<ServingPolicySnapshot>();
        models
            .MapPut("/{model}/serving", SetAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.serving.set", "model", "model")
            .WithSummary("Replace how the model is served")
            .Accepts<ServingPolicyRequest>("application/json")
            .Produces<ServingPolicySnapshot>();
    }

    private static async Task<IResult> GetAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    )
    {
        // A model that is not there would have a default policy.
        await modelRoutes.GetAsync(model, context.RequestAborted);
        return JsonAnswer.Of(
            await grains.GetGrain<IModelServingGrain>(model).GetAsync(context.RequestAborted)
        );
    }

    private static async Task<IResult> SetAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        VersionWarmUp warmUp,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        QueryReading.Name(model, "model");
        var request = await RequestBodies.ReadJsonAsync<ServingPolicyRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        if (!request.Force && request.Policy?.Traffic is { } traffic)
            await WarmAsync(model, traffic, warmUp, context.RequestAborted);
        var grain = grains.GetGrain<IModelServingGrain>(model);
        var before = await grain.GetAsync(context.RequestAborted);
        var set = await grain.SetAsync(
            new ServingPolicyChange
            {
                CommandId = CommandIds.Take(request.CommandId),
                Policy =
                    request.Policy
                    ?? throw RequestException.Invalid("policy: expected an object, got null."),
                Expected = request.Expected,
                By = Caller.Name(context),
            },
            context.RequestAborted
        );
        AuditTrail.Note(
            context,
            ServingPolicyChanges.Describe(before.Revision, before.Policy, set)
        );
        modelRoutes.Invalidate(model);
        return JsonAnswer.Of(set);
    }

    // What is wrong with the section itself is for the model's grain to say.
    private static Task WarmAsync(
        string model,
        TrafficPolicy traffic,
        VersionWarmUp warmUp,
        CancellationToken cancellationToken
    ) =>
        TrafficPolicyChecks.Problems(traffic).Any()
            ? Task.CompletedTask
            : warmUp.WarmAsync(model, traffic, cancellationToken);
}
