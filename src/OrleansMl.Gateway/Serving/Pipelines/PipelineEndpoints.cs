using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Pipelines;

/// <summary>Save, check, list and show pipelines. They are called as models are.</summary>
internal static class PipelineEndpoints
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly string[] Types =
    [
        "application/yaml",
        "application/x-yaml",
        "text/yaml",
        "text/x-yaml",
        "text/plain",
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        // A pipeline runs and tells of every model that it names.
        var pipelines = routes
            .MapGroup("/api/v1/pipelines")
            .WithTags("Pipelines")
            .Needs(Permission.Read, ModelScope.All);
        pipelines
            .MapGet("/", ListAsync)
            .WithSummary("List pipelines, newest first")
            .Produces<CatalogPage>();
        pipelines
            .MapPut("/{pipeline}", SaveAsync)
            .Needs(Permission.Operate, ModelScope.All)
            .Audited("pipeline.save", "pipeline", "pipeline")
            .WithSummary(
                "Save a pipeline as its next version, once it fits the models that it names"
            )
            .Accepts<string>("application/json", Types)
            .Produces<ModelVersionSnapshot>(StatusCodes.Status201Created);
        pipelines
            .MapPost("/validate", ValidateAsync)
            .WithSummary(
                "Check a pipeline against the models that it names, and say what it would take and give"
            )
            .Accepts<string>("application/json", Types)
            .Produces<ModelSignature>();
        pipelines
            .MapGet("/{pipeline}", GetAsync)
            .WithSummary("Show a pipeline: its document and what it takes and gives")
            .Produces<ModelVersionSnapshot>();
    }

    private static async Task<IResult> ListAsync(ICatalog catalog, HttpContext context)
    {
        var (offset, limit) = QueryReading.Page(context.Request);
        return JsonAnswer.Of(
            await CatalogPages.ReadAsync(
                catalog,
                new CatalogQuery(
                    CatalogKinds.Model,
                    [CatalogKinds.PipelineStatus],
                    KeyPrefix: null,
                    offset,
                    limit
                ),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> SaveAsync(
        string pipeline,
        PipelineSaving saving,
        ModelRoutes modelRoutes,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        QueryReading.Name(pipeline, "pipeline");
        var version = await saving.SaveAsync(
            pipeline,
            await ReadAsync(context, options.Value),
            CommandIds.Take(QueryReading.Text(context.Request, "commandId")),
            QueryReading.OptionalInteger(context.Request, "expected", 0, int.MaxValue),
            Caller.Name(context),
            context.RequestAborted
        );
        modelRoutes.Invalidate(pipeline);
        context.Response.Headers.Location =
            $"/api/v1/models/{pipeline}/versions/{version.Id.Version}";
        return JsonAnswer.Of(version, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ValidateAsync(
        PipelineSaving saving,
        IOptions<GatewayOptions> options,
        HttpContext context
    ) =>
        JsonAnswer.Of(
            (
                await saving.PlanAsync(
                    await ReadAsync(context, options.Value),
                    context.RequestAborted
                )
            ).Signature
        );

    private static async Task<IResult> GetAsync(
        string pipeline,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(pipeline, "pipeline");
        var grain = grains.GetGrain<IModelGrain>(pipeline);
        if (await grain.GetAsync(context.RequestAborted) is not { IsPipeline: true } snapshot)
            throw new NotFoundException($"There is no pipeline '{pipeline}'.");
        var version = ModelRoutes.Resolve(
            snapshot,
            QueryReading.Text(context.Request, "reference") ?? ""
        );
        return JsonAnswer.Of(
            await grain.GetVersionAsync(version.Version, context.RequestAborted)
                ?? throw new NotFoundException($"There is no pipeline {version}.")
        );
    }

    private static async Task<string> ReadAsync(HttpContext context, GatewayOptions options)
    {
        var type = context.Request.ContentType?.Split(';')[0].Trim();
        if (
            !string.IsNullOrEmpty(type)
            && !RequestBodies.IsJson(context.Request.ContentType)
            && !Types.Contains(type, StringComparer.OrdinalIgnoreCase)
        )
            throw RequestException.UnsupportedMediaType(
                type,
                "application/yaml or application/json"
            );
        using var body = await RequestBodies.ReadAsync(
            context,
            Math.Min(options.MaxBodyBytes, 4L * PipelineLimits.MaxDocumentBytes),
            nameof(GatewayOptions.MaxBodyBytes)
        );
        try
        {
            return StrictUtf8.GetString(body.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw RequestException.Invalid(
                $"The pipeline is not UTF-8: byte {e.Index} is invalid."
            );
        }
    }
}
