using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving;

/// <summary>What is seen of models' live calls.</summary>
internal static class WatchEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var models = routes
            .MapGroup("/api/v1/models")
            .WithTags("Watching")
            .Needs(Permission.Read, ModelScope.Route);
        models
            .MapGet("/{model}/watch", GetAsync)
            .WithSummary("Live statistics of the model's versions beside the training data's")
            .Produces<WatchSnapshot>();
        models
            .MapGet("/{model}/alerts", AlertsAsync)
            .WithSummary("Alerts that stand and the last that were cleared, newest first")
            .Produces<IReadOnlyList<AlertSnapshot>>();
    }

    private static async Task<IResult> GetAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    )
    {
        await modelRoutes.GetAsync(model, context.RequestAborted);
        return JsonAnswer.Of(
            await grains.GetGrain<IModelWatchGrain>(model).GetAsync(context.RequestAborted)
        );
    }

    private static async Task<IResult> AlertsAsync(
        string model,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    )
    {
        // A model that is not there would have no alerts.
        await modelRoutes.GetAsync(model, context.RequestAborted);
        return JsonAnswer.Of(
            await grains.GetGrain<IModelWatchGrain>(model).GetAlertsAsync(context.RequestAborted)
        );
    }
}
