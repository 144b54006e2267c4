using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving;

/// <summary>The Open Inference Protocol v2 over HTTP and JSON.</summary>
internal static class InferenceEndpoints
{
    private const string BinaryHeader = "Inference-Header-Content-Length";
    private static readonly string[] Extensions = ["classification"];
    private const string OctetStream = "application/octet-stream";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var v2 = routes.MapGroup("/v2").WithTags("Open Inference Protocol v2");
        v2.MapGet(
                "/",
                () =>
                    Results.Json(
                        new
                        {
                            name = "orleansml",
                            version = ClusterStatusReader.Version,
                            extensions = Extensions,
                        }
                    )
            )
            .WithSummary("The server");
        v2.MapGet("/health/live", () => Results.Json(new { live = true }))
            .WithSummary("Whether the process answers");
        v2.MapGet("/health/ready", Ready).WithSummary("Whether the silo is an active member");
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
            .WithSummary("Run the model: the alias champion, else the newest version");
        v2.MapPost("/models/{model}/versions/{version}/infer", InferAsync)
            .WithSummary("Run a version, by number, alias or 'latest'");
    }

    private static IResult Ready(IClusterMembershipService membership, ILocalSiloDetails silo)
    {
        var status = membership.CurrentSnapshot.GetSiloStatus(silo.SiloAddress);
        return status == SiloStatus.Active
            ? Results.Json(new { ready = true })
            : throw new UnavailableException(
                $"This silo is {status}, not yet or no longer Active."
            );
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
                platform = "onnxruntime_onnx",
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

    private static async Task InferAsync(
        string model,
        string version,
        InferenceService service,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = context.Request;
        if (
            request.Headers.ContainsKey(BinaryHeader)
            || request.ContentType?.StartsWith(OctetStream, StringComparison.OrdinalIgnoreCase)
                == true
        )
            throw RequestException.Unsupported(
                "The binary tensor extension is not offered; send and take JSON."
            );
        RequestBodies.RequireJson(request);
        using var body = await RequestBodies.ReadAsync(
            context,
            options.Value.MaxInferenceBytes,
            nameof(GatewayOptions.MaxInferenceBytes)
        );
        await service.InferAsync(model, version, body, context);
    }
}
