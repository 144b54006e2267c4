using Microsoft.Extensions.Logging;
using Orleans;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Client.Serving.Transports;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>
/// Runs models over HTTP, gRPC or grains, with deadlines, retries, hedging and a circuit for each endpoint. Make one and share it: it is safe
/// for threads and pools its connections.
/// </summary>
/// <example>
/// <code>
/// using var client = InferenceClient.OverHttp(new() { Endpoints = [new("http://127.0.0.1:8080")] });
/// var answer = await client.InferAsync("iris", new() { Inputs = [TensorData.Float32("x", [5.1f, 3.5f, 1.4f, 0.2f], 1, 4)] });
/// </code>
/// </example>
public sealed class InferenceClient : IInferenceClient
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    private readonly OrleansMlClientOptions _options;
    private readonly IInferenceTransport _transport;
    private readonly EndpointDirectory _endpoints;
    private readonly InferenceTries _tries;

    private InferenceClient(
        OrleansMlClientOptions options,
        IInferenceTransport transport,
        EndpointDirectory endpoints
    )
    {
        (_options, _transport, _endpoints) = (options, transport, endpoints);
        _tries = new InferenceTries(transport, endpoints, options);
    }

    /// <summary>A client over HTTP, tensors in binary.</summary>
    /// <exception cref="InvalidInputException">An option is out of range; the message names it.</exception>
    public static InferenceClient OverHttp(OrleansMlClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var transport = new HttpInferenceTransport(options);
        return new InferenceClient(
            options,
            transport,
            Directory(options, options.Source(transport.Http, isGrpc: false))
        );
    }

    /// <summary>A client over gRPC; the endpoints are the gateways' gRPC addresses.</summary>
    /// <exception cref="InvalidInputException">An option is out of range; the message names it.</exception>
    public static GrpcInferenceClient OverGrpc(OrleansMlClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var transport = new GrpcInferenceTransport(options);
        var endpoints = Directory(options, options.Source(transport.Http, isGrpc: true));
        return new GrpcInferenceClient(
            new InferenceClient(options, transport, endpoints),
            transport,
            endpoints
        );
    }

    /// <summary>
    /// A client over grains, for code in a silo and for Orleans clients. Orleans chooses the silo: endpoints, keys, hedging and circuits of
    /// the options don't apply.
    /// </summary>
    /// <param name="grains">A silo's <see cref="IGrainFactory"/>, or an Orleans client. Not disposed here.</param>
    /// <param name="options">Limits and retries; null: the defaults.</param>
    /// <exception cref="InvalidInputException">An option is out of range; the message names it.</exception>
    public static InferenceClient OverGrains(
        IGrainFactory grains,
        OrleansMlClientOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(grains);
        options ??= new OrleansMlClientOptions();
        options.Validate();
        // Orleans knows by itself which silos answer, and sends a second request nowhere else.
        options = options.Copy();
        (options.Hedging, options.Breaker) = (null, null);
        options.Endpoints = [GrainInferenceTransport.Cluster];
        return new InferenceClient(
            options,
            new GrainInferenceTransport(grains),
            Directory(options, source: null)
        );
    }

    /// <summary>A client over HTTP beside other calls to the same endpoints, whose list it shares.</summary>
    internal static InferenceClient OverHttp(
        OrleansMlClientOptions options,
        EndpointDirectory endpoints
    ) => new(options, new HttpInferenceTransport(options), endpoints);

    /// <inheritdoc/>
    public Task<InferenceResponse> InferAsync(
        string model,
        InferenceRequest request,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return _tries.RunAsync<InferenceResponse>(Call(model, request, options, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<ModelDescription> DescribeAsync(
        string model,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    ) => _tries.RunAsync<ModelDescription>(Call(model, request: null, options, cancellationToken));

    /// <inheritdoc/>
    public void Dispose()
    {
        _endpoints.Dispose();
        _transport.Dispose();
    }

    private InferenceCall Call(
        string model,
        InferenceRequest? request,
        InferenceCallOptions? options,
        CancellationToken cancellationToken
    )
    {
        options ??= InferenceCallOptions.Default;
        if (!ResourceName.IsValid(model))
            throw new InvalidInputException($"'{model}' is not a model name.");
        if (options.Reference is { } reference && !ResourceName.IsValid(reference))
            throw new InvalidInputException(
                $"'{reference}' is not a version: expected a number, an alias or latest."
            );
        if (options.Timeout is { } limit && (limit <= TimeSpan.Zero || limit > LongestTimeout))
            throw new InvalidInputException(
                $"{nameof(options.Timeout)} must be above 0 and at most a day, got {limit}."
            );
        return new InferenceCall(
            model,
            request,
            options,
            options.Timeout ?? _options.Timeout,
            _options.AttemptTimeout,
            _options.TimeProvider,
            cancellationToken
        );
    }

    private static EndpointDirectory Directory(
        OrleansMlClientOptions options,
        IEndpointSource? source
    ) =>
        new(
            options.Endpoints,
            source,
            options.DiscoveryInterval,
            options.TimeProvider,
            options.LoggerFactory.CreateLogger<EndpointDirectory>()
        );
}
