using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Training;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Training;

/// <summary>Submit, list, show, watch, cancel, resume and compare training runs.</summary>
internal static class RunEndpoints
{
    private const int DefaultPoints = 1000;
    private const int MaxPoints = 10_000;
    private const int MaxCompared = 50;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly string[] Series = ["step", "train", "validation", "test"];
    private static readonly string[] Splits = ["train", "validation", "test"];
    private static readonly string[] YamlTypes =
    [
        "application/yaml",
        "application/x-yaml",
        "text/yaml",
        "text/x-yaml",
        "text/plain",
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var runs = routes
            .MapGroup("/api/v1/runs")
            .WithTags("Runs")
            .Needs(Permission.Read, ModelScope.Checked);
        runs.MapPost("/", SubmitAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("run.submit", "run")
            .WithSummary("Submit a training run")
            .Accepts<string>("application/json", YamlTypes)
            .Produces<TrainingRunSnapshot>(StatusCodes.Status202Accepted);
        runs.MapGet("/", ListAsync)
            .Needs(Permission.Read, ModelScope.All)
            .WithSummary("List runs, newest first")
            .Produces<CatalogPage>();
        runs.MapGet("/compare", CompareAsync)
            .WithSummary("Compare runs on the same split of the same dataset version")
            .Produces<RunComparison>();
        runs.MapGet("/{id}", GetAsync).WithSummary("Show a run").Produces<TrainingRunSnapshot>();
        runs.MapGet("/{id}/metrics", MetricsAsync)
            .WithSummary("A run's metric points, by step")
            .Produces<IReadOnlyList<MetricPoint>>();
        runs.MapGet("/{id}/events", EventsAsync)
            .WithSummary("Follow a run by Server-Sent Events")
            .Produces<TrainingEvent>(StatusCodes.Status200OK, "text/event-stream");
        runs.MapPost("/{id}/cancel", CancelAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("run.cancel", "run", "id")
            .WithSummary("Stop a run")
            .Produces<TrainingRunSnapshot>();
        runs.MapPost("/{id}/resume", ResumeAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("run.resume", "run", "id")
            .WithSummary("Queue a failed or cancelled run again, from its last checkpoint")
            .Produces<TrainingRunSnapshot>();
    }

    private static async Task<IResult> SubmitAsync(
        RunSubmission submission,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var (yaml, runId) = await ReadAsync(context, options.Value);
        var run = await submission.SubmitAsync(
            yaml,
            runId,
            model => Caller.RequireModel(context, model),
            context.RequestAborted
        );
        AuditTrail.Note(
            context,
            $"model {run.Spec.Model}, data {run.Spec.Dataset}",
            $"run/{run.Id}"
        );
        context.Response.Headers.Location = $"/api/v1/runs/{run.Id}";
        return JsonAnswer.Of(run, StatusCodes.Status202Accepted);
    }

    private static async Task<(string Yaml, string? RunId)> ReadAsync(
        HttpContext context,
        GatewayOptions options
    )
    {
        var runId = QueryReading.Text(context.Request, "runId");
        var contentType = context.Request.ContentType;
        if (RequestBodies.IsJson(contentType))
        {
            var request = await RequestBodies.ReadJsonAsync<SubmitRunRequest>(
                context,
                options.MaxBodyBytes
            );
            if (runId is not null && request.RunId is not null && runId != request.RunId)
                throw RequestException.Invalid(
                    $"runId is '{runId}' in the address and '{request.RunId}' in the body."
                );
            return (request.Config, runId ?? request.RunId);
        }
        if (
            !MediaTypeHeaderValue.TryParse(contentType, out var type)
            || !YamlTypes.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase)
        )
            throw RequestException.UnsupportedMediaType(
                contentType,
                "application/yaml or application/json"
            );
        using var body = await RequestBodies.ReadAsync(
            context,
            options.MaxBodyBytes,
            nameof(GatewayOptions.MaxBodyBytes)
        );
        try
        {
            return (StrictUtf8.GetString(body.Span), runId);
        }
        catch (DecoderFallbackException e)
        {
            throw RequestException.Invalid(
                $"The configuration is not UTF-8: byte {e.Index} is invalid."
            );
        }
    }

    private static async Task<IResult> ListAsync(ICatalog catalog, HttpContext context)
    {
        var (offset, limit) = QueryReading.Page(context.Request);
        string[] phases =
        [
            .. context
                .Request.Query["status"]
                .OfType<string>()
                .SelectMany(text => text.Split(','))
                .Select(Phase),
        ];
        return JsonAnswer.Of(
            await CatalogPages.ReadAsync(
                catalog,
                new CatalogQuery(CatalogKinds.TrainingRun, phases, KeyPrefix: null, offset, limit),
                context.RequestAborted
            )
        );
    }

    private static string Phase(string text) =>
        Enum.TryParse<TrainingRunPhase>(text, ignoreCase: true, out var phase)
        && Enum.IsDefined(phase)
        && !char.IsAsciiDigit(text[0])
            ? phase.ToString()
            : throw RequestException.Invalid(
                $"status: expected one of {string.Join(", ", Enum.GetNames<TrainingRunPhase>().Select(JsonNamingPolicy.CamelCase.ConvertName))}, got '{text}'."
            );

    private static async Task<IResult> GetAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    ) => JsonAnswer.Of(await FindAsync(id, grains, context));

    private static async Task<IResult> MetricsAsync(
        string id,
        IGrainFactory grains,
        ITrainingMetricsStore metrics,
        HttpContext context
    )
    {
        var series = QueryReading.Text(context.Request, "series");
        if (series is not null && !Series.Contains(series))
            throw RequestException.Invalid(
                $"series: expected one of {string.Join(", ", Series)}, got '{series}'."
            );
        var limit = QueryReading.Integer(context.Request, "limit", DefaultPoints, 1, MaxPoints);
        var run = await FindAsync(id, grains, context);
        return JsonAnswer.Of(
            await metrics.ReadAsync(run.Id, series, limit, context.RequestAborted)
        );
    }

    private static async Task EventsAsync(
        string id,
        IGrainFactory grains,
        RunEvents events,
        HttpContext context
    )
    {
        var run = await FindAsync(id, grains, context);
        await events.WriteAsync(context, run.Id);
    }

    private static async Task<IResult> CancelAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var run = await FindAsync(id, grains, context);
        return JsonAnswer.Of(
            await grains
                .GetGrain<ITrainingRunGrain>(run.Id.Value)
                .CancelAsync(context.RequestAborted)
        );
    }

    private static async Task<IResult> ResumeAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var run = await FindAsync(id, grains, context);
        return JsonAnswer.Of(
            await grains
                .GetGrain<ITrainingRunGrain>(run.Id.Value)
                .ResumeAsync(context.RequestAborted)
        );
    }

    private static async Task<IResult> CompareAsync(IGrainFactory grains, HttpContext context)
    {
        string[] ids =
        [
            .. context
                .Request.Query["ids"]
                .OfType<string>()
                .SelectMany(text =>
                    text.Split(
                        ',',
                        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
                    )
                )
                .Distinct(),
        ];
        if (ids.Length is < 2 or > MaxCompared)
            throw RequestException.Invalid(
                $"ids: expected 2 to {MaxCompared} different runs, got {ids.Length}."
            );
        var split = QueryReading.Text(context.Request, "split") ?? "test";
        if (!Splits.Contains(split))
            throw RequestException.Invalid(
                $"split: expected one of {string.Join(", ", Splits)}, got '{split}'."
            );
        var runs = await Task.WhenAll(ids.Select(id => FindAsync(id, grains, context)));
        return JsonAnswer.Of(RunComparer.Compare(runs, split));
    }

    private static async Task<TrainingRunSnapshot> FindAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(id, "training run");
        var run =
            await grains.GetGrain<ITrainingRunGrain>(id).GetAsync(context.RequestAborted)
            ?? throw new NotFoundException($"There is no training run '{id}'.");
        Caller.RequireModel(context, run.Spec.Model);
        return run;
    }
}
