using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Repository;

/// <summary>The protocol's additions over HTTP: repository, configuration, statistics. Names are the protocol's, in snake_case.</summary>
internal static class RepositoryEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var v2 = routes
            .MapGroup("/v2")
            .WithTags("Open Inference Protocol v2")
            .Needs(Permission.Predict | Permission.Read, ModelScope.Route);
        v2.MapPost("/repository/index", IndexAsync)
            .Needs(Permission.Predict | Permission.Read)
            .WithSummary(
                "List all versions with their states; {\"ready\":true} lists those that are ready"
            );
        v2.MapPost("/repository/models/{model}/load", LoadAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.load", "model", "model")
            .WithSummary("Load the served version, or parameters.version, on every serving silo");
        v2.MapPost("/repository/models/{model}/unload", UnloadAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.unload", "model", "model")
            .WithSummary(
                "Let the served version, or parameters.version, go and refuse it until it is loaded again"
            );
        v2.MapGet(
                "/models/{model}/config",
                (string model, ServingDescription description, HttpContext context) =>
                    ConfigurationAsync(model, "", description, context)
            )
            .WithSummary("How the served version is configured");
        v2.MapGet("/models/{model}/versions/{version}/config", ConfigurationAsync)
            .WithSummary("How a version is configured");
        v2.MapGet(
                "/models/stats",
                (ServingDescription description, HttpContext context) =>
                    StatisticsAsync("", "", description, context)
            )
            .Needs(Permission.Predict | Permission.Read)
            .WithSummary("What every version did that was called since the silos started");
        v2.MapGet(
                "/models/{model}/stats",
                (string model, ServingDescription description, HttpContext context) =>
                    StatisticsAsync(model, "", description, context)
            )
            .WithSummary("What the model's versions did");
        v2.MapGet("/models/{model}/versions/{version}/stats", StatisticsAsync)
            .WithSummary("What a version did");
    }

    private static async Task<IResult> IndexAsync(
        ModelRepository repository,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        using var body = await ReadAsync(context, options.Value.MaxBodyBytes);
        var readyOnly = false;
        if (body?.RootElement.TryGetProperty("ready", out var ready) == true)
            readyOnly = ready.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False or JsonValueKind.Null => false,
                _ => throw RequestException.Invalid("ready: expected true or false."),
            };
        var entries = await repository.IndexAsync(
            readyOnly,
            Caller.Of(context),
            context.RequestAborted
        );
        return Results.Json(
            entries.Select(entry => new
            {
                name = entry.Version.Name,
                version = entry.Version.Version.ToString(),
                state = entry.State,
                reason = entry.Reason,
            })
        );
    }

    private static async Task<IResult> LoadAsync(
        string model,
        ModelRepository repository,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var reference = await VersionAsync(context, options.Value.MaxBodyBytes);
        var version = await repository.LoadAsync(model, reference, context.RequestAborted);
        AuditTrail.Note(context, $"{version}");
        return Results.Json(new { });
    }

    private static async Task<IResult> UnloadAsync(
        string model,
        ModelRepository repository,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var reference = await VersionAsync(context, options.Value.MaxBodyBytes);
        var version = await repository.UnloadAsync(model, reference, context.RequestAborted);
        AuditTrail.Note(context, $"{version}");
        return Results.Json(new { });
    }

    private static async Task<IResult> ConfigurationAsync(
        string model,
        string version,
        ServingDescription description,
        HttpContext context
    )
    {
        var configuration = await description.ConfigurationAsync(
            model,
            version,
            context.RequestAborted
        );
        return Results.Json(
            new
            {
                name = configuration.Version.Name,
                platform = ModelConfiguration.Platform,
                backend = ModelConfiguration.Backend,
                version_policy = new
                {
                    specific = new { versions = new[] { configuration.Version.Version } },
                },
                max_batch_size = 0,
                input = configuration.Signature.Inputs.Select(Describe),
                output = configuration.Signature.Outputs.Select(Describe),
                sequence_batching = configuration.Sequences is { } sequences
                    ? new
                    {
                        max_sequence_idle_microseconds = sequences.IdleSeconds * 1_000_000L,
                        oldest = new { max_candidate_sequences = sequences.MaxSequences },
                        state = configuration.States.Select(pair => new
                        {
                            input_name = pair.State.Input,
                            output_name = pair.State.Output,
                            data_type = ModelConfiguration.TypeName(pair.Input.Datatype),
                            dims = pair.Input.Shape,
                        }),
                    }
                    : null,
                response_cache = new { enable = configuration.IsCached },
                // The protocol knows one kind of scheduling a model; here calls of sequences are run together, too.
                dynamic_batching = configuration is { Sequences: null, Batching: { } batching }
                    ? new
                    {
                        preferred_batch_size = new[] { batching.MaxBatchSize },
                        max_queue_delay_microseconds = batching.MaxQueueDelayMicroseconds,
                    }
                    : null,
                parameters = configuration.Parameters.ToDictionary(
                    parameter => parameter.Key,
                    parameter => new { string_value = parameter.Value }
                ),
            }
        );
    }

    private static object Describe(Contracts.Models.TensorSignature tensor) =>
        new
        {
            name = tensor.Name,
            data_type = ModelConfiguration.TypeName(tensor.Datatype),
            dims = tensor.Shape,
        };

    private static async Task<IResult> StatisticsAsync(
        string model,
        string version,
        ServingDescription description,
        HttpContext context
    )
    {
        var statistics = await description.StatisticsAsync(
            model,
            version,
            Caller.Of(context),
            context.RequestAborted
        );
        return Results.Json(new { model_stats = statistics.Select(Describe) });
    }

    private static object Describe(VersionStatistics of) =>
        new
        {
            name = of.Version.Name,
            version = of.Version.Version.ToString(),
            last_inference = of.LastInferenceMilliseconds,
            inference_count = of.InferenceCount,
            execution_count = of.ExecutionCount,
            inference_stats = new
            {
                success = Describe(of.Success),
                fail = Describe(of.Fail),
                queue = Describe(of.Queue),
                compute_input = Describe(of.ComputeInput),
                compute_infer = Describe(of.ComputeInfer),
                compute_output = Describe(of.ComputeOutput),
                cache_hit = Describe(of.CacheHit),
                cache_miss = Describe(of.CacheMiss),
            },
            batch_stats = of.Batches.Select(batch => new
            {
                batch_size = batch.BatchSize,
                compute_input = Describe(batch.ComputeInput),
                compute_infer = Describe(batch.ComputeInfer),
                compute_output = Describe(batch.ComputeOutput),
            }),
        };

    private static object Describe(DurationStatistics duration) =>
        new { count = duration.Count, ns = duration.Nanoseconds };

    // Requests can't have the server read anything by path, nor bring a model's files: only the version may be said.
    private static async Task<string> VersionAsync(HttpContext context, long limit)
    {
        using var body = await ReadAsync(context, limit);
        if (
            body is null
            || !body.RootElement.TryGetProperty("parameters", out var parameters)
            || parameters.ValueKind == JsonValueKind.Null
        )
            return "";
        if (parameters.ValueKind != JsonValueKind.Object)
            throw RequestException.Invalid("parameters: expected an object.");
        foreach (var parameter in parameters.EnumerateObject())
            ModelRepository.RequireKnown(
                parameter.Name,
                parameter.Value.ValueKind == JsonValueKind.False
            );
        return parameters.TryGetProperty("version", out var version)
            ? version.ValueKind == JsonValueKind.String
                ? version.GetString()!
                : throw RequestException.Invalid("parameters.version: expected text.")
            : "";
    }

    private static async Task<JsonDocument?> ReadAsync(HttpContext context, long limit)
    {
        using var body = await RequestBodies.ReadAsync(
            context,
            limit,
            nameof(GatewayOptions.MaxBodyBytes)
        );
        if (body.Memory.Length == 0)
            return null;
        // The document outlives the pooled body: it gets a copy.
        var document = JsonDocument.Parse(body.Memory.ToArray());
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new InvalidInputException("The body: expected a JSON object.");
    }
}
