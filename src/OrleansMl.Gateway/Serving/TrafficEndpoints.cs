using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving;

/// <summary>Models' traffic: what was counted, comparisons, canaries and outcomes.</summary>
internal static class TrafficEndpoints
{
    private const double DefaultConfidence = 0.95;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var models = routes
            .MapGroup("/api/v1/models")
            .WithTags("Traffic")
            .Needs(Permission.Read, ModelScope.Route);
        models
            .MapGet("/{model}/traffic", GetAsync)
            .WithSummary(
                "A model's traffic: figures by version, shadows, the canary and what was decided"
            )
            .Produces<TrafficSnapshot>();
        models
            .MapGet("/{model}/traffic/comparison", CompareAsync)
            .WithSummary("Compare two versions with significance tests")
            .Produces<VersionComparison>();
        models
            .MapPost("/{model}/traffic/canary", CommandAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.canary", "model", "model")
            .WithSummary("Advance, promote or roll back a model's canary")
            .Accepts<CanaryActionRequest>("application/json")
            .Produces<TrafficSnapshot>();
        models
            .MapPost("/{model}/feedback", FeedbackAsync)
            .Needs(Permission.Predict, ModelScope.Route)
            .WithSummary("Tell how predictions turned out, each once by its id")
            .Accepts<FeedbackRequest>("application/json")
            .Produces<FeedbackResult>();
    }

    private static async Task<IResult> GetAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    ) =>
        JsonAnswer.Of(
            await (await GrainAsync(model, grains, modelRoutes, context)).GetAsync(
                context.RequestAborted
            )
        );

    private static async Task<IResult> CompareAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    )
    {
        var confidence = DefaultConfidence;
        if (
            QueryReading.Text(context.Request, "confidence") is { } text
            && !double.TryParse(text, out confidence)
        )
            throw RequestException.Invalid(
                $"confidence: expected a number from 0.5 to 0.9999, got '{text}'."
            );
        var grain = await GrainAsync(model, grains, modelRoutes, context);
        return JsonAnswer.Of(
            await grain.CompareAsync(
                QueryReading.OptionalInteger(context.Request, "baseline", 1, int.MaxValue),
                QueryReading.OptionalInteger(context.Request, "candidate", 1, int.MaxValue),
                confidence,
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> CommandAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<CanaryActionRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var grain = await GrainAsync(model, grains, modelRoutes, context);
        var moved = await grain.CommandAsync(
            new CanaryCommand
            {
                CommandId = CommandIds.Take(request.CommandId),
                Action = request.Action,
                Reason = request.Reason ?? "",
                By = Caller.Name(context),
            },
            context.RequestAborted
        );
        AuditTrail.Note(context, $"{request.Action}: {request.Reason}");
        modelRoutes.Invalidate(model);
        return JsonAnswer.Of(moved);
    }

    private static async Task<IResult> FeedbackAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<FeedbackRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var outcomes =
            request.Outcomes
            ?? throw RequestException.Invalid("outcomes: expected an array, got null.");
        var grain = await GrainAsync(model, grains, modelRoutes, context);
        return JsonAnswer.Of(await grain.FeedbackAsync(outcomes, context.RequestAborted));
    }

    // A model that is not there would have an empty traffic.
    private static async Task<IModelTrafficGrain> GrainAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    )
    {
        await modelRoutes.GetAsync(model, context.RequestAborted);
        return grains.GetGrain<IModelTrafficGrain>(model);
    }
}
