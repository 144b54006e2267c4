using System.Globalization;
using System.Text.Json;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>What is loaded, and what it did: the Open Inference Protocol's repository and statistics.</summary>
public sealed class RepositoryClient
{
    private readonly GatewayTransport _transport;

    internal RepositoryClient(GatewayTransport transport) => _transport = transport;

    /// <summary>All versions with their states.</summary>
    /// <param name="readyOnly">Only those that are ready.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public Task<IReadOnlyList<RepositoryEntry>> IndexAsync(
        bool readyOnly = false,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<IReadOnlyList<RepositoryEntry>>(
            new GatewayCall(HttpMethod.Post, "v2/repository/index")
            {
                Content = GatewayContent.Json(new { ready = readyOnly }),
            },
            cancellationToken
        );

    /// <summary>Loads a version on every serving silo.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reference">A number, an alias or <c>latest</c>; null: the served version.</param>
    /// <param name="cancellationToken">Ends the wait; it may be loaded.</param>
    /// <exception cref="OrleansMlException">No such version; <c>unavailable</c> when it can't be loaded; or no answer.</exception>
    public Task LoadAsync(
        string model,
        string? reference = null,
        CancellationToken cancellationToken = default
    ) => ChangeAsync(model, "load", reference, cancellationToken);

    /// <summary>Lets a version go; it is refused until it is loaded again.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reference">A number, an alias or <c>latest</c>; null: the served version.</param>
    /// <param name="cancellationToken">Ends the wait; it may be unloaded.</param>
    /// <exception cref="OrleansMlException">No such version, or no answer.</exception>
    public Task UnloadAsync(
        string model,
        string? reference = null,
        CancellationToken cancellationToken = default
    ) => ChangeAsync(model, "unload", reference, cancellationToken);

    /// <summary>What versions did since the silos started, summed over them.</summary>
    /// <param name="model">The model; null: all that were called.</param>
    /// <param name="reference">A number, an alias or <c>latest</c>; null: all the model's versions that were called.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such model or version, or no answer.</exception>
    public async Task<IReadOnlyList<VersionStatistics>> StatisticsAsync(
        string? model = null,
        string? reference = null,
        CancellationToken cancellationToken = default
    )
    {
        var path = new GatewayPath("v2/models");
        if (model is not null)
            path.Add(model);
        if (model is not null && reference is not null)
            path.Add("versions", reference);
        var call = path.Add("stats").Get();
        var body = await _transport.SendAsync<JsonElement>(call, cancellationToken);
        try
        {
            return [.. body.GetProperty("model_stats").EnumerateArray().Select(Read)];
        }
        catch (Exception e)
            when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"{call} was answered with a body that can't be read as statistics: {e.Message}",
                innerException: e
            );
        }
    }

    private async Task ChangeAsync(
        string model,
        string change,
        string? reference,
        CancellationToken cancellationToken
    )
    {
        using var _ = await _transport.SendAsync(
            new GatewayPath("v2/repository/models").Add(model, change).Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(
                    reference is null
                        ? (object)new { }
                        : new { parameters = new { version = reference } }
                ),
            },
            cancellationToken
        );
    }

    private static VersionStatistics Read(JsonElement of)
    {
        var inference = of.GetProperty("inference_stats");
        return new VersionStatistics
        {
            Version = new ModelVersionId(
                of.GetProperty("name").GetString()!,
                int.Parse(of.GetProperty("version").GetString()!, CultureInfo.InvariantCulture)
            ),
            LastInferenceMilliseconds = of.GetProperty("last_inference").GetInt64(),
            InferenceCount = of.GetProperty("inference_count").GetInt64(),
            ExecutionCount = of.GetProperty("execution_count").GetInt64(),
            Success = Duration(inference, "success"),
            Fail = Duration(inference, "fail"),
            Queue = Duration(inference, "queue"),
            ComputeInput = Duration(inference, "compute_input"),
            ComputeInfer = Duration(inference, "compute_infer"),
            ComputeOutput = Duration(inference, "compute_output"),
            CacheHit = Duration(inference, "cache_hit"),
            CacheMiss = Duration(inference, "cache_miss"),
            Batches =
            [
                .. of.GetProperty("batch_stats")
                    .EnumerateArray()
                    .Select(batch => new BatchStatistics
                    {
                        BatchSize = batch.GetProperty("batch_size").GetInt32(),
                        ComputeInput = Duration(batch, "compute_input"),
                        ComputeInfer = Duration(batch, "compute_infer"),
                        ComputeOutput = Duration(batch, "compute_output"),
                    }),
            ],
        };
    }

    private static DurationStatistics Duration(JsonElement of, string name)
    {
        var duration = of.GetProperty(name);
        return new DurationStatistics(
            duration.GetProperty("count").GetInt64(),
            duration.GetProperty("ns").GetInt64()
        );
    }
}
