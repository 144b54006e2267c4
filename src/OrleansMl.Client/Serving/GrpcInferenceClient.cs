using System.Runtime.CompilerServices;
using Grpc.Core;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving.Transports;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;

namespace OrleansMl.Client.Serving;

/// <summary>Runs models over gRPC: single requests with all of <see cref="InferenceClient"/>'s care, and streams. Safe for threads.</summary>
public sealed class GrpcInferenceClient : IInferenceClient
{
    private readonly InferenceClient _client;
    private readonly GrpcInferenceTransport _transport;
    private readonly EndpointDirectory _endpoints;

    internal GrpcInferenceClient(
        InferenceClient client,
        GrpcInferenceTransport transport,
        EndpointDirectory endpoints
    ) => (_client, _transport, _endpoints) = (client, transport, endpoints);

    /// <inheritdoc/>
    public Task<InferenceResponse> InferAsync(
        string model,
        InferenceRequest request,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    ) => _client.InferAsync(model, request, options, cancellationToken);

    /// <inheritdoc/>
    public Task<ModelDescription> DescribeAsync(
        string model,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    ) => _client.DescribeAsync(model, options, cancellationToken);

    /// <summary>
    /// Sends requests as they come on one call and gives their answers in the requests' order. The gateway runs several side by side and
    /// reads no further while too many are under way, which holds <paramref name="requests"/> back. A stream is of one gateway: when that
    /// dies, it ends with an exception, and what was not answered may be sent again.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="requests">The requests; each one's memory must not change until its answer came.</param>
    /// <param name="options">Version, key, and the most time for the whole stream: none by default.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="OrleansMlException">The stream could not be opened, or broke. A wrong request has its own answer instead.</exception>
    public async IAsyncEnumerable<InferenceStreamAnswer> StreamAsync(
        string model,
        IAsyncEnumerable<InferenceRequest> requests,
        InferenceCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(requests);
        options ??= InferenceCallOptions.Default;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var endpoint = _endpoints.Current;
        using var call = _transport.Open(endpoint, options, stop.Token);
        var sending = SendAsync(call.RequestStream, model, options.Reference, requests, stop.Token);
        try
        {
            while (await NextAsync(call, endpoint, stop.Token) is { } message)
                yield return Read(message);
        }
        finally
        {
            // Whoever reads no further sends no further.
            await stop.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await sending;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static async Task SendAsync(
        IClientStreamWriter<ModelInferRequest> writer,
        string model,
        string? reference,
        IAsyncEnumerable<InferenceRequest> requests,
        CancellationToken cancellationToken
    )
    {
        await foreach (var request in requests.WithCancellation(cancellationToken))
            await writer.WriteAsync(
                GrpcMessages.Of(model, reference, request, request.Parameters.TimeoutMicroseconds),
                cancellationToken
            );
        await writer.CompleteAsync();
    }

    private async Task<ModelStreamInferResponse?> NextAsync(
        AsyncDuplexStreamingCall<ModelInferRequest, ModelStreamInferResponse> call,
        Uri endpoint,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await call.ResponseStream.MoveNext(cancellationToken)
                ? call.ResponseStream.Current
                : null;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The connection failed as a request was written, or the stream's time is over.
            _endpoints.TurnFrom(endpoint);
            throw GrpcFailure.Of(new RpcException(StatusOf(call, e)));
        }
        catch (RpcException e)
        {
            _endpoints.TurnFrom(endpoint);
            throw GrpcFailure.Of(e);
        }
    }

    private static Status StatusOf(
        AsyncDuplexStreamingCall<ModelInferRequest, ModelStreamInferResponse> call,
        OperationCanceledException exception
    )
    {
        try
        {
            return call.GetStatus();
        }
        catch (InvalidOperationException)
        {
            // It has none yet.
            return new Status(StatusCode.Unavailable, exception.Message);
        }
    }

    private static InferenceStreamAnswer Read(ModelStreamInferResponse message)
    {
        if (message.ErrorMessage.Length > 0)
            return new InferenceStreamAnswer(
                null,
                new OrleansMlException(
                    null,
                    OrleansMlErrorCodes.StreamedError,
                    message.ErrorMessage
                )
            );
        try
        {
            return new InferenceStreamAnswer(GrpcMessages.Read(message.InferResponse), null);
        }
        catch (FormatException e)
        {
            throw GrpcInferenceTransport.Unexpected(e);
        }
    }
}
