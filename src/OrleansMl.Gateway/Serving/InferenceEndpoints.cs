using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Serving.Repository;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving;

/// <summary>The Open Inference Protocol v2 over HTTP and JSON.</summary>
internal static class InferenceEndpoints
{
    /// <summary>What the server offers beyond the protocol's core.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        "classification",
        "binary_tensor_data",
        "model_repository",
        "model_configuration",
        "statistics",
        "parameters",
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var v2 = routes
            .MapGroup("/v2")
            .WithTags("Open Inference Protocol v2")
            .Needs(Permission.Predict | Permission.Read, ModelScope.Route);
        v2.MapGet(
                "/",
                (IOptions<GatewayOptions> options) =>
                    Results.Json(
                        new
                        {
                            name = options.Value.ServerName,
                            version = ClusterStatusReader.Version,
                            extensions = Extensions,
                        }
                    )
            )
            .Needs(Permission.Predict | Permission.Read)
            .WithSummary("The server");
        v2.MapGet("/health/live", () => Results.Json(new { live = true }))
            .IsOpen()
            .WithSummary("Whether the process answers");
        v2.MapGet("/health/ready", Ready)
            .IsOpen()
            .WithSummary("Whether the silo is an active member");
        v2.MapGet(
                "/models/{model}",
                (string model, InferenceService service, HttpContext context) =>
                    DescribeAsync(model, "", service, context)
            )
            .WithSummary("What the model's served version takes and gives");
        v2.MapGet("/models/{model}/versions/{version}", DescribeAsync)
            .WithSummary("What a version, by number, alias or 'latest', takes and gives");
        v2.MapGet(
                "/models/{model}/ready",
                (string model, InferenceService service, HttpContext context) =>
                    ModelReadyAsync(model, "", service, context)
            )
            .WithSummary("Whether the model's served version is loaded; asking loads it");
        v2.MapGet("/models/{model}/versions/{version}/ready", ModelReadyAsync)
            .WithSummary("Whether a version is loaded; asking loads it");
        v2.MapPost(
                "/models/{model}/infer",
                (
                    string model,
                    InferenceService service,
                    IOptions<GatewayOptions> options,
                    HttpContext context
                ) => InferAsync(model, "", service, options, context)
            )
            .WithMetadata(QuickEndpoint.Metadata)
            .Needs(Permission.Predict, ModelScope.Route)
            .WithSummary("Run the model: the alias champion, else the newest version");
        v2.MapPost("/models/{model}/versions/{version}/infer", InferAsync)
            .WithMetadata(QuickEndpoint.Metadata)
            .Needs(Permission.Predict, ModelScope.Route)
            .WithSummary("Run a version, by number, alias or 'latest'");
    }

    private static IResult Ready(ServerHealth health)
    {
        health.RequireReady();
        return Results.Json(new { ready = true });
    }

    private static async Task<IResult> DescribeAsync(
        string model,
        string version,
        InferenceService service,
        HttpContext context
    )
    {
        var (id, signature) = await service.DescribeAsync(model, version, context);
        return Results.Json(
            new
            {
                name = id.Name,
                versions = new[] { id.Version.ToString() },
                platform = ModelConfiguration.Platform,
                inputs = signature.Inputs.Select(Describe),
                outputs = signature.Outputs.Select(Describe),
            }
        );
    }

    private static object Describe(TensorSignature tensor) =>
        new
        {
            name = tensor.Name,
            datatype = tensor.Datatype,
            shape = tensor.Shape,
        };

    private static async Task<IResult> ModelReadyAsync(
        string model,
        string version,
        InferenceService service,
        HttpContext context
    )
    {
        var id = await service.LoadAsync(model, version, context);
        return Results.Json(new { name = id.Name, ready = true });
    }

    private static Task InferAsync(
        string model,
        string version,
        InferenceService service,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var head = JsonLength(context.Request);
        if (head is null && !IsOctetStream(context.Request.ContentType))
            RequestBodies.RequireJson(context.Request);
        return service.InferAsync(model, version, head, options.Value.MaxInferenceBytes, context);
    }

    // Null: no header, so that all of the body is JSON.
    private static int? JsonLength(HttpRequest request)
    {
        var header = request.Headers[InferenceAnswer.HeaderLength];
        if (header.Count == 0)
            return null;
        return int.TryParse(
            header.ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var length
        )
            ? length
            : throw RequestException.Invalid(
                $"{InferenceAnswer.HeaderLength}: expected the number of bytes of JSON at the body's beginning, got '{header}'."
            );
    }

    private static bool IsOctetStream(string? contentType) =>
        contentType?.StartsWith(InferenceAnswer.OctetStream, StringComparison.OrdinalIgnoreCase)
        == true;
}
