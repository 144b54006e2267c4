using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMl.Client.Endpoints;
using OrleansMl.Contracts;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace OrleansMl.Client;

/// <summary>
/// Sends calls to a cluster. A pipeline, outermost first: a limit on the whole call; new tries with a growing, jittered delay,
/// at the next endpoint at once; a limit on each try. Safe for threads.
/// </summary>
internal sealed class GatewayTransport : IDisposable
{
    private static readonly ResiliencePropertyKey<GatewayCallState> StateKey = new("oml.call");

    private readonly OrleansMlClientOptions _options;
    private readonly EndpointDirectory _endpoints;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly Lock _randomGate = new();

    public GatewayTransport(OrleansMlClientOptions options)
    {
        options.Validate();
        _options = options;
        _http = new HttpClient(
            options.MessageHandler ?? options.NewHandler(DecompressionMethods.All),
            disposeHandler: options.MessageHandler is null
        )
        {
            // The pipeline limits the time, by the injected clock.
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxResponseBytes,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue(
                "OrleansMl.Client",
                typeof(GatewayTransport).Assembly.GetName().Version?.ToString(3)
            )
        );
        if (!string.IsNullOrEmpty(options.ApiKey))
            _http.DefaultRequestHeaders.Authorization = new("Bearer", options.ApiKey);
        _endpoints = new EndpointDirectory(
            options.Endpoints,
            options.Source(_http, isGrpc: false),
            options.DiscoveryInterval,
            options.TimeProvider,
            options.LoggerFactory.CreateLogger<EndpointDirectory>()
        );
        _pipeline = BuildPipeline();
    }

    public OrleansMlClientOptions Options => _options;

    public EndpointDirectory Endpoints => _endpoints;

    public void Dispose()
    {
        _endpoints.Dispose();
        _http.Dispose();
    }

    /// <summary>Sends a call and reads the JSON of its answer.</summary>
    /// <exception cref="OrleansMlException">The cluster refused it or gave no answer.</exception>
    public async Task<T> SendAsync<T>(GatewayCall call, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(call, cancellationToken);
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(
                    await response.Content.ReadAsStreamAsync(cancellationToken),
                    ContractsJson.Options,
                    cancellationToken
                ) ?? throw new JsonException("the body is null");
        }
        catch (JsonException e)
        {
            throw new OrleansMlException(
                response.StatusCode,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"{call} was answered with a body that can't be read as {typeof(T).Name}: {e.Message}",
                innerException: e
            );
        }
    }

    /// <summary>Sends a call; its answer is a success, or it throws.</summary>
    /// <exception cref="OrleansMlException">The cluster refused it or gave no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        GatewayCall call,
        CancellationToken cancellationToken
    )
    {
        var state = new GatewayCallState(call, cancellationToken);
        var response = await ExecuteAsync(state, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            // An earlier try of this delete was carried out though its answer was lost.
            if (
                call.Method == HttpMethod.Delete
                && response.StatusCode == HttpStatusCode.NotFound
                && state.Tries > 1
            )
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            throw await GatewayFailure.ReadAsync(
                call,
                response,
                _options.TimeProvider,
                cancellationToken
            );
        }
    }

    /// <summary>A delay before try number <paramref name="retry"/> of something that the pipeline doesn't see whole, such as a stream.</summary>
    public TimeSpan Backoff(int retry)
    {
        var median = _options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(retry, 30));
        return TimeSpan.FromMilliseconds(
            Math.Min(median, _options.MaxRetryDelay.TotalMilliseconds) * (0.5 + NextRandom())
        );
    }

    private async Task<HttpResponseMessage> ExecuteAsync(
        GatewayCallState state,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(StateKey, state);
        try
        {
            return await _pipeline.ExecuteAsync(
                static (c, self) => self.TryAsync(c),
                context,
                this
            );
        }
        catch (TimeoutRejectedException e)
        {
            throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.Timeout,
                $"{state.Call} got no answer in time after {Count(state.Tries)}: {state.LastFailure}. A command may have been carried out; repeat it with the same id.",
                innerException: e
            );
        }
        catch (HttpRequestException e)
        {
            throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.Unavailable,
                $"{state.Call} reached no gateway after {Count(state.Tries)}: {state.LastFailure}. Is a silo running there?",
                innerException: e
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<HttpResponseMessage> TryAsync(ResilienceContext context)
    {
        var state = context.Properties.GetValue(StateKey, null!);
        var call = state.Call;
        var endpoint = _endpoints.Current;
        state.Tries++;
        state.Asked.Add(endpoint);
        using var request = new HttpRequestMessage(call.Method, new Uri(endpoint, call.Path))
        {
            Content = call.Content?.Invoke(),
        };
        request.Headers.Accept.ParseAdd(call.Accept);
        // A refusal then comes before the upload, not as a connection torn in the middle of it.
        if (call is { Transfer: true, Content: not null })
            request.Headers.ExpectContinue = true;
        if (call.LastEventId is not null)
            request.Headers.Add("Last-Event-ID", call.LastEventId);
        try
        {
            var response = await _http.SendAsync(
                request,
                call.Streamed
                    ? HttpCompletionOption.ResponseHeadersRead
                    : HttpCompletionOption.ResponseContentRead,
                context.CancellationToken
            );
            if (GatewayFailure.IsTransient(response.StatusCode))
                Failed($"{(int)response.StatusCode} {response.ReasonPhrase}");
            return response;
        }
        catch (HttpRequestException e)
        {
            Failed(e.InnerException?.Message ?? e.Message);
            throw;
        }
        catch (OperationCanceledException) when (!state.Caller.IsCancellationRequested)
        {
            Failed("no answer in time");
            throw;
        }

        void Failed(string what)
        {
            state.LastFailure = $"{endpoint.GetLeftPart(UriPartial.Authority)}: {what}";
            _endpoints.TurnFrom(endpoint);
        }
    }

    private ResiliencePipeline<HttpResponseMessage> BuildPipeline()
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage>
        {
            TimeProvider = _options.TimeProvider,
        };
        builder.AddTimeout(Limit(c => c.Transfer ? _options.TransferTimeout : _options.Timeout));
        if (_options.MaxRetries > 0)
            builder.AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = _options.MaxRetries,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = _options.RetryDelay,
                    MaxDelay = _options.MaxRetryDelay,
                    Randomizer = NextRandom,
                    ShouldHandle = args => new(ShouldRetry(args.Outcome)),
                    DelayGenerator = args =>
                        new(
                            Delay(
                                args.Context.Properties.GetValue(StateKey, null!),
                                args.Outcome.Result
                            )
                        ),
                    OnRetry = args =>
                    {
                        _options.OnRetry?.Invoke(
                            new RetryNotice(
                                args.AttemptNumber + 1,
                                args.RetryDelay,
                                args.Context.Properties.GetValue(StateKey, null!).LastFailure
                            )
                        );
                        return default;
                    },
                }
            );
        builder.AddTimeout(
            Limit(c => c.Transfer ? _options.TransferTimeout : _options.AttemptTimeout)
        );
        return builder.Build();
    }

    private static TimeoutStrategyOptions Limit(Func<GatewayCall, TimeSpan> limit) =>
        new()
        {
            TimeoutGenerator = args =>
                new(limit(args.Context.Properties.GetValue(StateKey, null!).Call)),
        };

    private bool ShouldRetry(Outcome<HttpResponseMessage> outcome) =>
        outcome switch
        {
            { Exception: TimeoutRejectedException } => true,
            { Exception: HttpRequestException e } => GatewayFailure.IsTransient(e),
            // A server that asks for more patience than the call has is believed at once.
            { Result: { } response } => GatewayFailure.IsTransient(response.StatusCode)
                && !(RetryAfter(response) > _options.Timeout),
            _ => false,
        };

    private TimeSpan? Delay(GatewayCallState state, HttpResponseMessage? response) =>
        // An endpoint that wasn't asked yet: no reason to wait. The list may have changed meanwhile.
        !state.Asked.Contains(_endpoints.Current) ? TimeSpan.Zero
        : response is null ? null
        : RetryAfter(response);

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var delay = header?.Delta ?? header?.Date - _options.TimeProvider.GetUtcNow();
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    private double NextRandom()
    {
        lock (_randomGate)
            return _options.Random.NextDouble();
    }

    private static string Count(int tries) => tries == 1 ? "1 try" : $"{tries} tries";
}
