using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving;

/// <summary>Predictions for examples by name, for app developers.</summary>
internal static class PredictEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var models = routes
            .MapGroup("/api/v1/models")
            .WithTags("Predictions")
            .Needs(Permission.Predict, ModelScope.Route);
        models
            .MapPost(
                "/{model}/predict",
                (
                    string model,
                    InferenceService service,
                    IOptions<GatewayOptions> options,
                    HttpContext context
                ) => PredictAsync(model, "", service, options, context)
            )
            .WithSummary("Predict for examples: the alias champion, else the newest version")
            .Produces<PredictionResponse>();
        models
            .MapPost("/{model}/versions/{reference}/predict", PredictAsync)
            .WithSummary("Predict for examples by a version")
            .Produces<PredictionResponse>();
    }

    private static async Task PredictAsync(
        string model,
        string reference,
        InferenceService service,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        RequestBodies.RequireJson(context.Request);
        using var body = await RequestBodies.ReadAsync(
            context,
            options.Value.MaxInferenceBytes,
            nameof(GatewayOptions.MaxInferenceBytes)
        );
        await service.PredictAsync(
            model,
            reference,
            body.Memory,
            options.Value.MaxInstances,
            context
        );
    }
}
