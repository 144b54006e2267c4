using Microsoft.Extensions.Logging;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving.Transports;
using Polly;
using Polly.CircuitBreaker;
using Polly.Hedging;
using Polly.Retry;
using Polly.Timeout;

namespace OrleansMl.Client.Serving.Resilience;

/// <summary>
/// From a call to its tries. Pipelines of Polly, outermost first: a limit on the whole call; new tries with a growing, jittered delay, at
/// an endpoint that wasn't asked yet at once; a second request beside a slow one; and for each endpoint its circuit and the limit of a try.
/// Safe for threads.
/// </summary>
internal sealed partial class InferenceTries
{
    private readonly IInferenceTransport _transport;
    private readonly EndpointDirectory _endpoints;
    private readonly OrleansMlClientOptions _options;
    private readonly ClientMetrics _metrics;
    private readonly ILogger _logger;
    private readonly EndpointHealths _healths;
    private readonly HedgingBudget? _budget;
    private readonly LatencyWindow? _latencies;
    private readonly ResiliencePipeline<object> _plain;
    private readonly ResiliencePipeline<object> _hedged;
    private readonly Lock _randomGate = new();

    public InferenceTries(
        IInferenceTransport transport,
        EndpointDirectory endpoints,
        OrleansMlClientOptions options
    )
    {
        (_transport, _endpoints, _options) = (transport, endpoints, options);
        _metrics = new ClientMetrics(transport.Name);
        _logger = options.LoggerFactory.CreateLogger<InferenceTries>();
        _healths = new EndpointHealths(
            options,
            _metrics,
            options.LoggerFactory.CreateLogger<EndpointHealths>()
        );
        if (options.Hedging is { } hedging)
        {
            _budget = new HedgingBudget(hedging.Budget, hedging.Burst);
            _latencies = hedging.Delay is null ? new LatencyWindow(hedging.Percentile) : null;
        }
        _plain = Build(hedging: null);
        _hedged = options.Hedging is null ? _plain : Build(options.Hedging);
    }

    /// <summary>Makes tries until one is answered, or none may follow.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public async Task<T> RunAsync<T>(InferenceCall call)
        where T : class
    {
        var outcome = "ok";
        var context = ResilienceContextPool.Shared.Get(call.Caller);
        context.Properties.Set(InferenceCall.Key, call);
        _budget?.Call();
        _healths.Keep(_endpoints.Begin());
        try
        {
            var pipeline = call.IsSequence || !call.Options.Hedge ? _plain : _hedged;
            var answer = await pipeline.ExecuteAsync(
                static (c, self) => self.TryAsync(c),
                context,
                this
            );
            return (T)answer;
        }
        catch (Exception e)
            when (e is TimeoutRejectedException
                || (e is OperationCanceledException && !call.Caller.IsCancellationRequested)
            )
        {
            outcome = OrleansMlErrorCodes.Timeout;
            throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.Timeout,
                $"{call} gave no answer in {call.Timeout.TotalSeconds:0.###} s after {Count(call.Tries)}: {call.LastFailure}.",
                innerException: e
            );
        }
        catch (BrokenCircuitException e)
        {
            outcome = OrleansMlErrorCodes.Unavailable;
            throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.Unavailable,
                $"{call} reached no endpoint after {Count(call.Tries)}: {call.LastFailure}, and those that there are did not answer before.",
                innerException: e
            )
            {
                RetryAfter = e.RetryAfter,
            };
        }
        catch (OrleansMlException e) when (e.Status is null && e.Failure != CallFailure.Refused)
        {
            outcome = e.Code;
            throw new OrleansMlException(
                null,
                e.Code,
                $"{call} got no answer after {Count(call.Tries)}: {call.LastFailure}.",
                innerException: e
            );
        }
        catch (OrleansMlException e)
        {
            outcome = e.Code;
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
            if (ClientMetrics.IsTimed)
                _metrics.Called(call.Elapsed, outcome);
        }
    }

    private async ValueTask<object> TryAsync(ResilienceContext context)
    {
        var call = context.Properties.GetValue(InferenceCall.Key, null!);
        var health = call.Begin(_healths, _endpoints.Begin());
        string? failure = null;
        try
        {
            var answer = await health.Pipeline.ExecuteAsync(
                static (c, state) => state.Self.SendAsync(state.Endpoint, c),
                context,
                (Self: this, health.Endpoint)
            );
            if (context.Properties.TryGetValue(HedgeKey, out var isHedge) && isHedge)
                _metrics.HedgeWon();
            return answer;
        }
        catch (Exception e)
            when (e is OrleansMlException or TimeoutRejectedException or BrokenCircuitException)
        {
            failure = $"{health.Endpoint.GetLeftPart(UriPartial.Authority)}: {Describe(e)}";
            if (e is not OrleansMlException { Failure: CallFailure.Refused or CallFailure.Busy })
                _endpoints.TurnFrom(health.Endpoint);
            throw;
        }
        catch (OperationCanceledException) when (!call.Caller.IsCancellationRequested)
        {
            failure = $"{health.Endpoint.GetLeftPart(UriPartial.Authority)}: no answer in time";
            throw;
        }
        finally
        {
            call.End(failure);
        }
    }

    private async ValueTask<object> SendAsync(Uri endpoint, ResilienceContext context)
    {
        var call = context.Properties.GetValue(InferenceCall.Key, null!);
        if (call.Request is null)
            return await _transport.DescribeAsync(endpoint, call, context.CancellationToken);
        var started = _latencies is null ? 0 : _options.TimeProvider.GetTimestamp();
        var answer = await _transport.InferAsync(endpoint, call, context.CancellationToken);
        _latencies?.Add(_options.TimeProvider.GetElapsedTime(started));
        return answer;
    }

    private static ResiliencePropertyKey<bool> HedgeKey { get; } = new("oml.hedge");

    private ResiliencePipeline<object> Build(HedgingOptions? hedging)
    {
        var builder = new ResiliencePipelineBuilder<object>
        {
            TimeProvider = _options.TimeProvider,
        };
        builder.AddTimeout(
            new TimeoutStrategyOptions
            {
                TimeoutGenerator = args =>
                    new(args.Context.Properties.GetValue(InferenceCall.Key, null!).Timeout),
            }
        );
        if (_options.MaxRetries > 0)
            builder.AddRetry(Retry());
        if (hedging is not null)
            builder.AddHedging(Hedge(hedging));
        return builder.Build();
    }

    private RetryStrategyOptions<object> Retry() =>
        new()
        {
            MaxRetryAttempts = _options.MaxRetries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = _options.RetryDelay,
            MaxDelay = _options.MaxRetryDelay,
            Randomizer = NextRandom,
            ShouldHandle = args =>
                new(
                    IsWorthRepeating(
                        args.Outcome.Exception,
                        args.Context.Properties.GetValue(InferenceCall.Key, null!)
                    )
                ),
            DelayGenerator = args =>
                new(
                    Delay(
                        args.Outcome.Exception,
                        args.Context.Properties.GetValue(InferenceCall.Key, null!)
                    )
                ),
            OnRetry = args =>
            {
                var call = args.Context.Properties.GetValue(InferenceCall.Key, null!);
                _metrics.Retried();
                LogRetry(call.Model, args.AttemptNumber + 1, args.RetryDelay, call.LastFailure);
                _options.OnRetry?.Invoke(
                    new RetryNotice(args.AttemptNumber + 1, args.RetryDelay, call.LastFailure)
                );
                return default;
            },
        };

    private HedgingStrategyOptions<object> Hedge(HedgingOptions hedging) =>
        new()
        {
            MaxHedgedAttempts = hedging.MaxHedges,
            // Where nothing is measured yet, none goes out.
            DelayGenerator = _ => new(HedgingDelay(hedging)),
            // A try that failed doesn't end the call while another runs.
            ShouldHandle = args =>
                new(
                    IsWorthRepeating(
                        args.Outcome.Exception,
                        args.Context.Properties.GetValue(InferenceCall.Key, null!)
                    )
                ),
            ActionGenerator = args =>
            {
                var call = args.PrimaryContext.Properties.GetValue(InferenceCall.Key, null!);
                // Beside a slow request alone: after a failed one the retries' delays hold.
                if (!call.IsRunning || !_budget!.TryTake())
                    return null;
                args.ActionContext.Properties.Set(HedgeKey, true);
                return () => args.Callback(args.ActionContext);
            },
            OnHedging = args =>
            {
                _metrics.Hedged();
                LogHedge(
                    args.PrimaryContext.Properties.GetValue(InferenceCall.Key, null!).Model,
                    args.AttemptNumber + 1
                );
                return default;
            },
        };

    private TimeSpan HedgingDelay(HedgingOptions hedging)
    {
        if (hedging.Delay is { } fixedDelay)
            return fixedDelay;
        return _latencies!.Percentile is { } measured
            ? measured > hedging.MinDelay
                ? measured
                : hedging.MinDelay
            : Timeout.InfiniteTimeSpan;
    }

    private static bool IsWorthRepeating(Exception? exception, InferenceCall call) =>
        exception switch
        {
            // It never left.
            BrokenCircuitException e => !(e.RetryAfter >= call.Remaining),
            TimeoutRejectedException => call.IsRepeatable,
            // A cluster that asks for more patience than the call has is believed at once.
            OrleansMlException e when e.RetryAfter >= call.Remaining => false,
            OrleansMlException e => e.Failure switch
            {
                CallFailure.NotSent or CallFailure.Busy => true,
                CallFailure.Away or CallFailure.Lost => call.IsRepeatable,
                _ => false,
            },
            _ => false,
        };

    private TimeSpan? Delay(Exception? exception, InferenceCall call)
    {
        var endpoints = _endpoints.Begin();
        // No reason to wait before an endpoint is asked that wasn't yet. The list may have changed meanwhile.
        if (_healths.HasOther(endpoints, call.Asked))
            return TimeSpan.Zero;
        return exception switch
        {
            BrokenCircuitException e => e.RetryAfter,
            OrleansMlException e => e.RetryAfter,
            _ => null,
        };
    }

    private static string Describe(Exception exception) =>
        exception switch
        {
            TimeoutRejectedException => "no answer in time",
            BrokenCircuitException => "left alone, since it did not answer before",
            OrleansMlException { Status: { } status } e => $"{(int)status} {e.Message}",
            _ => exception.Message,
        };

    private double NextRandom()
    {
        lock (_randomGate)
            return _options.Random.NextDouble();
    }

    private static string Count(int tries) => tries == 1 ? "1 try" : $"{tries} tries";

    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "{Model} is tried again ({Retry}) in {Delay}: {Failure}."
    )]
    private partial void LogRetry(string model, int retry, TimeSpan delay, string failure);

    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "{Model} is slow: request {Number} goes out beside it."
    )]
    private partial void LogHedge(string model, int number);
}
