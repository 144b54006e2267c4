using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>The Open Inference Protocol over gRPC, tensors raw both ways. What is left of a call's time goes along as gRPC's deadline and as the protocol's timeout.</summary>
internal sealed class GrpcInferenceTransport : IInferenceTransport
{
    // Channels share one handler: one of an endpoint that is gone costs its own memory alone, and only so many are kept.
    private const int MostChannels = 256;

    private readonly ConcurrentDictionary<Uri, GrpcChannel> _channels = new();
    private readonly OrleansMlClientOptions _options;
    private readonly HttpMessageHandler _handler;

    public GrpcInferenceTransport(OrleansMlClientOptions options)
    {
        _options = options;
        _handler =
            options.MessageHandler ?? options.NewHandler(System.Net.DecompressionMethods.None);
        Http = new HttpMessageInvoker(_handler, disposeHandler: options.MessageHandler is null);
    }

    public string Name => "grpc";

    /// <summary>What sends.</summary>
    public HttpMessageInvoker Http { get; }

    public async Task<InferenceResponse> InferAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        var message = GrpcMessages.Of(
            call.Model,
            call.Options.Reference,
            call.Request!,
            call.AttemptMicroseconds
        );
        try
        {
            return GrpcMessages.Read(
                await Client(endpoint)
                    .ModelInferAsync(
                        message,
                        Options(call.Options, call.AttemptTimeout, cancellationToken)
                    )
            );
        }
        catch (RpcException e)
        {
            throw GrpcFailure.Of(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Late(e);
        }
        catch (FormatException e)
        {
            throw Unexpected(e);
        }
    }

    public async Task<ModelDescription> DescribeAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var answer = await Client(endpoint)
                .ModelMetadataAsync(
                    new ModelMetadataRequest
                    {
                        Name = call.Model,
                        Version = call.Options.Reference ?? "",
                    },
                    Options(call.Options, call.AttemptTimeout, cancellationToken)
                );
            return new ModelDescription
            {
                Model = answer.Name,
                Version = int.Parse(answer.Versions[0], CultureInfo.InvariantCulture),
                Inputs = [.. answer.Inputs.Select(Describe)],
                Outputs = [.. answer.Outputs.Select(Describe)],
            };
        }
        catch (RpcException e)
        {
            throw GrpcFailure.Of(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Late(e);
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw Unexpected(e);
        }
    }

    /// <summary>Opens a stream of requests and answers.</summary>
    public AsyncDuplexStreamingCall<ModelInferRequest, ModelStreamInferResponse> Open(
        Uri endpoint,
        InferenceCallOptions options,
        CancellationToken cancellationToken
    ) => Client(endpoint).ModelStreamInfer(Options(options, options.Timeout, cancellationToken));

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
            channel.Dispose();
        Http.Dispose();
    }

    public static OrleansMlException Unexpected(Exception e) =>
        new(
            null,
            OrleansMlErrorCodes.UnexpectedAnswer,
            $"not an answer of the Open Inference Protocol: {e.Message}",
            innerException: e
        );

    // gRPC's own clock may be ahead of the one that limits the try.
    private static OrleansMlException Late(OperationCanceledException e) =>
        new(null, OrleansMlErrorCodes.Timeout, "no answer before the deadline", innerException: e)
        {
            Failure = CallFailure.Lost,
        };

    private GRPCInferenceService.GRPCInferenceServiceClient Client(Uri endpoint)
    {
        if (!_channels.TryGetValue(endpoint, out var channel))
        {
            foreach (var known in _channels.Keys.Skip(MostChannels - 1))
                _channels.TryRemove(known, out _);
            channel = _channels.GetOrAdd(endpoint, Connect);
        }
        return new GRPCInferenceService.GRPCInferenceServiceClient(channel);
    }

    private GrpcChannel Connect(Uri endpoint) =>
        GrpcChannel.ForAddress(
            endpoint,
            new GrpcChannelOptions
            {
                HttpHandler = _handler,
                DisposeHttpClient = false,
                MaxReceiveMessageSize = (int)_options.MaxResponseBytes,
                MaxSendMessageSize = null,
                ThrowOperationCanceledOnCancellation = true,
                LoggerFactory = _options.LoggerFactory,
            }
        );

    private CallOptions Options(
        InferenceCallOptions options,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        Metadata? headers = null;
        if (!string.IsNullOrEmpty(_options.ApiKey))
            (headers ??= []).Add("authorization", $"Bearer {_options.ApiKey}");
        if (options.Key is { } key)
            (headers ??= []).Add("x-request-key", key);
        return new CallOptions(
            headers,
            timeout is { } limit ? _options.TimeProvider.GetUtcNow().UtcDateTime + limit : null,
            cancellationToken
        );
    }

    private static TensorSignature Describe(ModelMetadataResponse.Types.TensorMetadata tensor) =>
        new()
        {
            Name = tensor.Name,
            Datatype = tensor.Datatype,
            Shape = [.. tensor.Shape],
        };
}
