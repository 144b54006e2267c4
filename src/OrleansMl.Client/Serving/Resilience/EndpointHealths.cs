using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace OrleansMl.Client.Serving.Resilience;

/// <summary>The circuits of all endpoints, and which endpoint a request goes to: each in turn, those with an open circuit and those that the call tried already last. Safe for threads.</summary>
internal sealed partial class EndpointHealths(
    OrleansMlClientOptions options,
    ClientMetrics metrics,
    ILogger logger
)
{
    private readonly ConcurrentDictionary<Uri, EndpointHealth> _healths = new();
    private readonly ILogger _logger = logger;
    private int _turn;

    /// <summary>Chooses an endpoint.</summary>
    /// <param name="endpoints">Those that there are now.</param>
    /// <param name="tried">Those that the call tried already.</param>
    public EndpointHealth Pick(IReadOnlyList<Uri> endpoints, IReadOnlyCollection<Uri> tried)
    {
        var now = Now();
        var first = (Interlocked.Increment(ref _turn) & int.MaxValue) % endpoints.Count;
        EndpointHealth? closed = null;
        EndpointHealth? untried = null;
        for (var i = 0; i < endpoints.Count; i++)
        {
            var health = Of(endpoints[(first + i) % endpoints.Count]);
            var isTried = tried.Contains(health.Endpoint);
            var isOpen = health.IsOpen(now);
            if (!isTried && !isOpen)
                return health;
            closed ??= isOpen ? null : health;
            untried ??= isTried ? null : health;
        }
        return closed ?? untried ?? Of(endpoints[first]);
    }

    /// <summary>Whether a call may go at once to an endpoint that it didn't try yet.</summary>
    public bool HasOther(IReadOnlyList<Uri> endpoints, IReadOnlyCollection<Uri> tried)
    {
        var now = Now();
        return endpoints.Any(e => !tried.Contains(e) && !Of(e).IsOpen(now));
    }

    /// <summary>Forgets endpoints that are gone.</summary>
    public void Keep(IReadOnlyList<Uri> endpoints)
    {
        if (_healths.Count <= endpoints.Count)
            return;
        foreach (var endpoint in _healths.Keys.Except(endpoints))
            _healths.TryRemove(endpoint, out _);
    }

    private long Now() => options.TimeProvider.GetUtcNow().UtcTicks;

    private EndpointHealth Of(Uri endpoint) =>
        _healths.TryGetValue(endpoint, out var known)
            ? known
            : _healths.GetOrAdd(endpoint, Make(endpoint));

    private EndpointHealth Make(Uri endpoint)
    {
        var builder = new ResiliencePipelineBuilder<object> { TimeProvider = options.TimeProvider };
        EndpointHealth? made = null;
        if (options.Breaker is { } breaker)
            builder.AddCircuitBreaker(
                new CircuitBreakerStrategyOptions<object>
                {
                    FailureRatio = breaker.FailureRatio,
                    MinimumThroughput = breaker.MinRequests,
                    SamplingDuration = breaker.Window,
                    BreakDuration = breaker.Pause,
                    ShouldHandle = args =>
                        new(
                            args.Outcome.Exception
                                is TimeoutRejectedException
                                    or OrleansMlException
                                    {
                                        Failure: CallFailure.NotSent or CallFailure.Lost
                                    }
                        ),
                    OnOpened = args =>
                    {
                        made!.Open(Now() + args.BreakDuration.Ticks);
                        metrics.Opened(endpoint);
                        LogOpened(endpoint, args.BreakDuration);
                        return default;
                    },
                    OnClosed = _ =>
                    {
                        made!.Close();
                        LogClosed(endpoint);
                        return default;
                    },
                }
            );
        builder.AddTimeout(
            new TimeoutStrategyOptions
            {
                TimeoutGenerator = args =>
                    new(args.Context.Properties.GetValue(InferenceCall.Key, null!).AttemptTimeout),
            }
        );
        made = new EndpointHealth(endpoint) { Pipeline = builder.Build() };
        return made;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Endpoint} does not answer and is left alone for {Pause}."
    )]
    private partial void LogOpened(Uri endpoint, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Endpoint} answers again.")]
    private partial void LogClosed(Uri endpoint);
}
