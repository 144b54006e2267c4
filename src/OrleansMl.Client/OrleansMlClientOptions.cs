using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Contracts;

namespace OrleansMl.Client;

/// <summary>How an <see cref="OrleansMlClient"/> reaches a cluster.</summary>
public sealed class OrleansMlClientOptions
{
    /// <summary>
    /// Base addresses of gateways of one cluster. Default: <c>http://127.0.0.1:8080</c>. With more than one, a call that an
    /// endpoint doesn't answer goes to the next at once, so callers don't notice a killed silo.
    /// </summary>
    public IReadOnlyList<Uri> Endpoints { get; set; } = [new("http://127.0.0.1:8080")];

    /// <summary>
    /// Whether the list of endpoints follows the cluster or DNS. Default: it is <see cref="Endpoints"/>, which reach the cluster in any
    /// network; choose <see cref="EndpointDiscovery.Cluster"/> where silos are added and removed while the client runs.
    /// </summary>
    public EndpointDiscovery Discovery { get; set; }

    /// <summary>
    /// How old the list may be before a call has it looked up anew, beside itself. Default: 5 s, about what a cluster takes to
    /// welcome a silo; a failed call looks it up at once.
    /// </summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>API key, sent as a bearer token. Default: none, which is enough on loopback.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// The most time for one call, all its tries included. Default: 60 s, twice what a cluster takes to notice and replace
    /// a dead silo with ample reserve. Uploads, downloads and watches are bounded by <see cref="TransferTimeout"/> instead.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The most time for one try. Default: 10 s. Less fails over from a hung silo sooner, but gives up on slow models and
    /// cold starts.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most time for an upload or a download. Default: 1 hour: a few GB over a slow line.</summary>
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a stream of events may stay silent before it is taken for dead and opened anew. Default: 45 s; gateways
    /// send a sign of life every 15 s.
    /// </summary>
    public TimeSpan StreamIdleTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Tries after the first of a call. Default: 12, which outlasts the death of a silo at the default delays.</summary>
    public int MaxRetries { get; set; } = 12;

    /// <summary>
    /// Median delay before the second try of one endpoint; it grows exponentially, with jitter, so that callers of a
    /// recovering silo don't come all at once. Default: 200 ms.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest such delay. A server's <c>Retry-After</c> may ask for more. Default: 5 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Calls of models that are slow are sent a second time, to another endpoint. Default: none are, since it costs load; set it where the
    /// slowest calls matter more.
    /// </summary>
    public HedgingOptions? Hedging { get; set; }

    /// <summary>Calls of models leave an endpoint alone for a while that doesn't answer. Default: on; null: off.</summary>
    public BreakerOptions? Breaker { get; set; } = new();

    /// <summary>Largest answer read into memory, in bytes. Default: 256 MiB, many times what a batch of predictions needs.</summary>
    public long MaxResponseBytes { get; set; } = 256L << 20;

    /// <summary>
    /// How tensors travel over HTTP. Default: binary, which costs a fraction of JSON's processor time at both ends; a number that isn't
    /// finite then comes back as it is, and one that is sent is refused by the gateway. gRPC and grains are binary always.
    /// </summary>
    public TensorFormat TensorFormat { get; set; } = TensorFormat.Binary;

    /// <summary>Where the client logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock of time limits and delays.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The source of the jitter. Guarded by the client, so it need not be safe for threads.</summary>
    public Random Random { get; set; } = new();

    /// <summary>Called before each new try; it must not block.</summary>
    public Action<RetryNotice>? OnRetry { get; set; }

    /// <summary>What sends the requests, for example with certificates of its own. Default: a pooled handler. The client doesn't dispose one given here.</summary>
    public HttpMessageHandler? MessageHandler { get; set; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="InvalidInputException">One is out of range; the message names it.</exception>
    internal void Validate()
    {
        if (Endpoints is not { Count: > 0 })
            throw new InvalidInputException(
                $"{nameof(Endpoints)} is empty: give at least one base address, for example http://127.0.0.1:8080."
            );
        foreach (var endpoint in Endpoints)
        {
            if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https"))
                throw new InvalidInputException(
                    $"{nameof(Endpoints)}: '{endpoint}' is not an absolute http or https address, for example http://127.0.0.1:8080."
                );
        }
        if (!Enum.IsDefined(Discovery))
            throw new InvalidInputException(
                $"{nameof(Discovery)} must be one of {string.Join(", ", Enum.GetNames<EndpointDiscovery>())}, got {Discovery}."
            );
        if (
            Discovery == EndpointDiscovery.Dns
            && Endpoints.FirstOrDefault(e => e.Scheme == "https") is { } secure
        )
            throw new InvalidInputException(
                $"{nameof(Discovery)}: {Discovery} takes http addresses alone, got '{secure}': a certificate names a host, not its addresses."
            );
        Hedging?.Validate();
        Breaker?.Validate();
        Positive(DiscoveryInterval, nameof(DiscoveryInterval));
        Positive(Timeout, nameof(Timeout));
        Positive(AttemptTimeout, nameof(AttemptTimeout));
        Positive(TransferTimeout, nameof(TransferTimeout));
        Positive(StreamIdleTimeout, nameof(StreamIdleTimeout));
        Positive(RetryDelay, nameof(RetryDelay));
        Positive(MaxRetryDelay, nameof(MaxRetryDelay));
        if (MaxRetries is < 0 or > 1000)
            throw new InvalidInputException(
                $"{nameof(MaxRetries)} must be 0 to 1000, got {MaxRetries}."
            );
        if (MaxResponseBytes is < 1 or > int.MaxValue)
            throw new InvalidInputException(
                $"{nameof(MaxResponseBytes)} must be 1 to {int.MaxValue}, got {MaxResponseBytes}."
            );
    }

    /// <summary>The same options, to be changed for one use.</summary>
    internal OrleansMlClientOptions Copy() => (OrleansMlClientOptions)MemberwiseClone();

    /// <summary>A pooled handler.</summary>
    internal SocketsHttpHandler NewHandler(DecompressionMethods decompression) =>
        new()
        {
            // A name that moves to another address is noticed within this time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = AttemptTimeout,
            AutomaticDecompression = decompression,
            EnableMultipleHttp2Connections = true,
        };

    /// <summary>Where the list of endpoints comes from; null: it is configured.</summary>
    internal IEndpointSource? Source(HttpMessageInvoker http, bool isGrpc) =>
        Discovery switch
        {
            EndpointDiscovery.Cluster => new ClusterEndpoints(
                http,
                isGrpc,
                ApiKey,
                AttemptTimeout,
                TimeProvider
            ),
            EndpointDiscovery.Dns => new DnsEndpoints(Endpoints, Dns.GetHostAddressesAsync),
            _ => null,
        };

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            throw new InvalidInputException(
                $"{name} must be above 0 and at most a day, got {value}."
            );
    }
}
