using System.Diagnostics.CodeAnalysis;
using OrleansMl.Client.Datasets;
using OrleansMl.Client.Models;
using OrleansMl.Client.Serving;
using OrleansMl.Client.Serving.Events;
using OrleansMl.Client.Serving.Typed;
using OrleansMl.Client.Training;
using OrleansMl.Client.Trust;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client;

/// <summary>
/// A typed client of a cluster's gateways. Make one and share it: it is safe for threads and pools its connections.
/// Every call is tried again, at the next endpoint first, while the cluster doesn't answer; commands carry ids, so a
/// repetition is never a second command.
/// </summary>
/// <example>
/// <code>
/// using var client = new OrleansMlClient("http://127.0.0.1:8080");
/// var answer = await client.Model("fashion").PredictAsync(new ImageBatch(pixels, count: 1));
/// Console.WriteLine(answer.Predictions[0].Label);
/// </code>
/// </example>
public sealed class OrleansMlClient : IDisposable
{
    private readonly GatewayTransport _transport;
    private readonly InferenceClient _inference;

    /// <summary>Makes a client of one gateway, with default options.</summary>
    /// <exception cref="InvalidInputException">The address is not an http or https one.</exception>
    public OrleansMlClient(string endpoint)
        : this(
            new OrleansMlClientOptions
            {
                Endpoints = [new Uri(endpoint, UriKind.RelativeOrAbsolute)],
            }
        ) { }

    /// <summary>Makes a client.</summary>
    /// <exception cref="InvalidInputException">An option is out of range; the message names it.</exception>
    public OrleansMlClient(OrleansMlClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _transport = new GatewayTransport(options);
        _inference = InferenceClient.OverHttp(options, _transport.Endpoints);
        Datasets = new DatasetsClient(_transport);
        Runs = new RunsClient(_transport);
        Models = new ModelsClient(_transport);
        Keys = new KeysClient(_transport);
        Tokens = new TokensClient(_transport);
        Pipelines = new PipelinesClient(_transport);
        Repository = new RepositoryClient(_transport);
        Jobs = new JobsClient(_transport);
        Schedules = new SchedulesClient(_transport);
        Topics = new TopicsClient(_transport);
    }

    /// <summary>Datasets: import, list, show, preview, delete.</summary>
    public DatasetsClient Datasets { get; }

    /// <summary>Training runs: submit, watch, cancel, resume, compare.</summary>
    public RunsClient Runs { get; }

    /// <summary>The model registry: versions, aliases, import, download.</summary>
    public ModelsClient Models { get; }

    /// <summary>Pipelines of several models: save, check, list, show.</summary>
    public PipelinesClient Pipelines { get; }

    /// <summary>Topics, consumer groups and subscriptions.</summary>
    public TopicsClient Topics { get; }

    /// <summary>What is loaded, and what it did.</summary>
    public RepositoryClient Repository { get; }

    /// <summary>API keys and the audit log.</summary>
    public KeysClient Keys { get; }

    /// <summary>Tokens with which an Orleans client calls grains.</summary>
    public TokensClient Tokens { get; }

    /// <summary>Long-running inference: batch scoring and requests that take minutes.</summary>
    public JobsClient Jobs { get; }

    /// <summary>Schedules: batch scoring at the times of a cron expression.</summary>
    public SchedulesClient Schedules { get; }

    /// <summary>Runs models by their tensors.</summary>
    public IInferenceClient Inference => _inference;

    /// <summary>A model to predict with.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reference">A version's number, an alias or <c>latest</c>. Default: the alias <c>champion</c> where it exists, else the newest.</param>
    public ModelClient Model(string name, string? reference = null) =>
        new(_transport, _inference, Models, name, reference);

    /// <summary>A model as a function of .NET types: each property of <typeparamref name="TIn"/> is an input, each of <typeparamref name="TOut"/> an output. Nothing is sent yet.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reference">A version's number, an alias or <c>latest</c>; null: the model's traffic decides.</param>
    [RequiresDynamicCode("Compiles access to the properties of TIn and TOut.")]
    [RequiresUnreferencedCode("Reads the properties of TIn and TOut by reflection.")]
    public TypedModel<TIn, TOut> Model<TIn, TOut>(string name, string? reference = null) =>
        _inference.Model<TIn, TOut>(name, reference);

    /// <summary>The cluster at a glance.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync<ClusterStatus>(
            new GatewayCall(HttpMethod.Get, "api/v1/status"),
            cancellationToken
        );

    /// <summary>Waits until a gateway can serve, at most <see cref="OrleansMlClientOptions.Timeout"/>.</summary>
    /// <exception cref="OrleansMlException">None could in time.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        using var _ = await _transport.SendAsync(
            new GatewayCall(HttpMethod.Get, "health/ready") { Accept = "*/*" },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inference.Dispose();
        _transport.Dispose();
    }
}
