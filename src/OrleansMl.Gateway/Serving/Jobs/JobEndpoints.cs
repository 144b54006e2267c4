using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Models;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Jobs;

/// <summary>Submit, list, show, watch and cancel long-running inference, and fetch what it made.</summary>
internal static class JobEndpoints
{
    private const int MaxKeepSeconds = 3_650 * 24 * 60 * 60;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var jobs = routes
            .MapGroup("/api/v1/jobs")
            .WithTags("Jobs")
            .Needs(Permission.Predict | Permission.Read, ModelScope.Checked);
        jobs.MapPost("/", SubmitAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("job.submit", "job")
            .WithSummary("Score the rows of a dataset version by a model, in the background")
            .Accepts<string>("application/json", DocumentText.Types)
            .Produces<InferenceJobSnapshot>(StatusCodes.Status202Accepted);
        jobs.MapGet("/", ListAsync)
            .Needs(Permission.Read, ModelScope.All)
            .WithSummary("List jobs, newest first")
            .Produces<CatalogPage>();
        jobs.MapGet("/{id}", GetAsync)
            .WithSummary(
                "Show a job; with ?seen=REVISION once it has another one, or after some 15 s"
            )
            .Produces<InferenceJobSnapshot>();
        jobs.MapPost("/{id}/cancel", CancelAsync)
            .Needs(Permission.Train, ModelScope.Checked)
            .Audited("job.cancel", "job", "id")
            .WithSummary("Stop a job")
            .Produces<InferenceJobSnapshot>();
        jobs.MapGet("/{id}/result", ResultAsync)
            .WithSummary("The answer to a job's request, as the Open Inference Protocol has it");
        jobs.MapMethods("/{id}/parts/{part}", ["GET", "HEAD"], PartAsync)
            .WithSummary("Download a part of a job's result, in the rows' order: Parquet")
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream");
        routes
            .MapPost("/api/v1/models/{model}/jobs", SubmitRequestAsync)
            .WithTags("Jobs")
            .Needs(Permission.Train, ModelScope.Route)
            .Audited("job.submit", "model", "model")
            .WithSummary("Answer a request of the Open Inference Protocol in the background")
            .Accepts<JsonElement>("application/json")
            .Produces<InferenceJobSnapshot>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> SubmitAsync(
        JobSubmission submission,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var text = await DocumentText.ReadAsync(context, options.Value, "job");
        return Accepted(
            context,
            await submission.SubmitAsync(
                text,
                QueryReading.Text(context.Request, "jobId"),
                model => Caller.RequireModel(context, model),
                Caller.Name(context),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> SubmitRequestAsync(
        string model,
        JobSubmission submission,
        ModelSignatures signatures,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        QueryReading.Name(model, "model");
        RequestBodies.RequireJson(context.Request);
        using var body = await RequestBodies.ReadAsync(
            context,
            options.Value.MaxInferenceBytes,
            nameof(GatewayOptions.MaxInferenceBytes)
        );
        var parsed = InferenceRequestReader.Read(body.Span, new TensorMemory());
        if (parsed.Missing.Count > 0)
            throw RequestException.Invalid(
                "inputs: a job's request gives every value; null is not taken here."
            );
        var keep = QueryReading.OptionalInteger(context.Request, "keepSeconds", 60, MaxKeepSeconds);
        return Accepted(
            context,
            await submission.SubmitAsync(
                model,
                QueryReading.Text(context.Request, "reference") ?? "",
                parsed.Request,
                QueryReading.Text(context.Request, "jobId"),
                keep is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Caller.Name(context),
                context.RequestAborted
            )
        );
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
                new CatalogQuery(CatalogKinds.InferenceJob, phases, KeyPrefix: null, offset, limit),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> GetAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    )
    {
        var seen = QueryReading.OptionalInteger(context.Request, "seen", 0, int.MaxValue);
        var job = await FindAsync(id, grains, context);
        return JsonAnswer.Of(
            seen is { } revision
                ? await grains
                    .GetGrain<IInferenceJobGrain>(id)
                    .WaitAsync(revision, context.RequestAborted)
                    ?? job
                : job
        );
    }

    private static async Task<IResult> CancelAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    )
    {
        await FindAsync(id, grains, context);
        return JsonAnswer.Of(
            await grains.GetGrain<IInferenceJobGrain>(id).CancelAsync(context.RequestAborted)
        );
    }

    private static async Task ResultAsync(
        string id,
        IGrainFactory grains,
        ILocalArtifacts artifacts,
        HttpContext context
    )
    {
        var job = await FindAsync(id, grains, context);
        if (job.Result is not { } result)
            throw job.Phase is InferenceJobPhase.Succeeded
                ? new NotFoundException(
                    $"Job '{id}' scored a dataset: its result is {(job.ResultDataset is { } dataset ? $"dataset {dataset}" : $"{job.Chunks.Count} parts")}."
                )
                : new ConflictException(
                    $"Job '{id}' is {CatalogPages.Status(job.Phase.ToString())}{(job.Error is null ? "" : $": {job.Error}")}; it has no result{(job.Phase is InferenceJobPhase.Expired ? " any more" : "")}."
                );
        using var file = await artifacts.AcquireAsync(result, context.RequestAborted);
        var tensors = TensorFile.Read(
            await File.ReadAllBytesAsync(file.Path, context.RequestAborted)
        );
        context.Response.ContentType = "application/json";
        InferenceResponseWriter.Write(
            context.Response.BodyWriter,
            new InferenceResponse
            {
                Model = job.Spec.Model.Name,
                Version = job.Spec.Model.Version,
                Outputs = tensors,
            },
            [],
            [],
            id
        );
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static async Task<IResult> PartAsync(
        string id,
        int part,
        IGrainFactory grains,
        ILocalArtifacts artifacts,
        HttpContext context
    )
    {
        var job = await FindAsync(id, grains, context);
        var chunks = job.Chunks.Where(chunk => chunk.Artifact is not null).ToList();
        if (job.Spec.Dataset is null || part < 0 || part >= chunks.Count)
            throw new NotFoundException(
                $"Job '{id}' has no part {part}; it has {(job.Spec.Dataset is null ? 0 : chunks.Count)} now, from 0."
            );
        return await ArtifactDownload.SendAsync(
            chunks[part].Artifact!.Value,
            $"{id}-{part:00000}.parquet",
            artifacts,
            context
        );
    }

    private static string Phase(string text) =>
        Enum.TryParse<InferenceJobPhase>(text, ignoreCase: true, out var phase)
        && Enum.IsDefined(phase)
        && !char.IsAsciiDigit(text[0])
            ? phase.ToString()
            : throw RequestException.Invalid(
                $"status: expected one of {string.Join(", ", Enum.GetNames<InferenceJobPhase>().Select(JsonNamingPolicy.CamelCase.ConvertName))}, got '{text}'."
            );

    private static IResult Accepted(HttpContext context, InferenceJobSnapshot job)
    {
        context.Response.Headers.Location = $"/api/v1/jobs/{job.Id}";
        return JsonAnswer.Of(job, StatusCodes.Status202Accepted);
    }

    private static async Task<InferenceJobSnapshot> FindAsync(
        string id,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(id, "job");
        var job =
            await grains.GetGrain<IInferenceJobGrain>(id).GetAsync(context.RequestAborted)
            ?? throw new NotFoundException($"There is no job '{id}'.");
        Caller.RequireModel(context, job.Spec.Model.Name);
        return job;
    }
}
