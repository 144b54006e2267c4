using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Gateway.Serving.Limits;

namespace OrleansMl.Gateway.Operations;

/// <summary>
/// What this process answers at the moment: requests, and bytes of bodies that are held in memory. Beyond its limits, requests are
/// refused before their bodies are read. Thread-safe; a request costs four interlocked operations and allocates nothing.
/// </summary>
internal sealed class GatewayLoad(IOptions<GatewayOptions> options, LimitMetrics metrics)
{
    // Requests of low priority are refused from here on.
    private const double NearlyFull = 0.8;
    private readonly int _maxRequests = options.Value.MaxConcurrentRequests;
    private readonly long _maxBytes = options.Value.MaxBytesInFlight;

    // A larger body is refused unread, or is an upload, which goes to disk.
    private readonly long _largest = Math.Max(
        options.Value.MaxInferenceBytes,
        options.Value.MaxBodyBytes
    );
    private readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(
        options.Value.RetryAfterBusySeconds
    );
    private long _requests;
    private long _bytes;

    public long Requests => Volatile.Read(ref _requests);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Begins a request.</summary>
    /// <returns>What <see cref="Exit"/> takes.</returns>
    /// <exception cref="UnavailableException">There is no room for it; nothing has begun.</exception>
    public long Enter(HttpRequest request)
    {
        var length = request.ContentLength ?? 0;
        var bytes = length <= _largest ? length : 0;
        var requests = Interlocked.Increment(ref _requests);
        var held = bytes > 0 ? Interlocked.Add(ref _bytes, bytes) : 0;
        if (requests <= _maxRequests && held <= _maxBytes || IsProbe(request))
            return bytes;
        Exit(bytes);
        throw Full(requests > _maxRequests);
    }

    /// <summary>Ends a request.</summary>
    public void Exit(long bytes)
    {
        Interlocked.Decrement(ref _requests);
        if (bytes > 0)
            Interlocked.Add(ref _bytes, -bytes);
    }

    /// <summary>Refuses what has a low priority when there is little room.</summary>
    /// <exception cref="UnavailableException">There is.</exception>
    public void RequireRoom()
    {
        if (Requests > NearlyFull * _maxRequests || Bytes > NearlyFull * _maxBytes)
            throw Full(Requests > NearlyFull * _maxRequests);
    }

    /// <summary>Counts memory of a body that turned out to be larger than was known before it was read.</summary>
    /// <exception cref="UnavailableException">There is no room for it.</exception>
    public static void Grow(HttpContext context, long bytes)
    {
        if (context.Features.Get<BodyCharge>() is not { } charge)
        {
            charge = new BodyCharge(context.RequestServices.GetRequiredService<GatewayLoad>());
            context.Features.Set(charge);
            context.Response.RegisterForDispose(charge);
        }
        charge.Grow(bytes);
    }

    /// <summary>Whether it is a probe, which is answered however busy the process is.</summary>
    public static bool IsProbe(HttpRequest request) =>
        request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        || request.Path.StartsWithSegments("/v2/health", StringComparison.OrdinalIgnoreCase)
        || request.Path.StartsWithSegments(
            "/grpc.health.v1.Health",
            StringComparison.OrdinalIgnoreCase
        );

    private UnavailableException Full(bool ofRequests)
    {
        metrics.Refused(ofRequests ? "load" : "memory");
        return new UnavailableException(
            ofRequests
                ? $"This silo answers as many requests as it may ({GatewayOptions.Section}:{nameof(GatewayOptions.MaxConcurrentRequests)}); ask another, or try again later."
                : $"This silo holds as many bytes of requests as it may ({GatewayOptions.Section}:{nameof(GatewayOptions.MaxBytesInFlight)}); ask another, or try again later."
        )
        {
            RetryAfter = _retryAfter,
        };
    }

    private sealed class BodyCharge(GatewayLoad load) : IDisposable
    {
        private long _charged;

        public void Grow(long bytes)
        {
            var more = bytes - _charged;
            if (more <= 0)
                return;
            if (Interlocked.Add(ref load._bytes, more) > load._maxBytes)
            {
                Interlocked.Add(ref load._bytes, -more);
                throw load.Full(ofRequests: false);
            }
            _charged = bytes;
        }

        public void Dispose() =>
            Interlocked.Add(ref load._bytes, -Interlocked.Exchange(ref _charged, 0));
    }
}
