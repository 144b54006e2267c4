using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansMl.Gateway.Sockets;

namespace OrleansMl.Silo.Operations;

/// <summary>
/// What a connection to this silo's HTTP and gRPC ports may take of it before anything is known of its caller. Section <c>Http</c>.
/// A client that sends or takes bytes too slowly is let go, so that many slow ones can't hold connections and memory for long.
/// </summary>
internal sealed class HttpOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Http";

    /// <summary>Seconds in which a request's headers must have come; past it, the answer is 408 and the connection ends. Default 15: headers come in one packet, and a slow network needs no more for it.</summary>
    public double HeaderTimeoutSeconds { get; set; } = 15;

    /// <summary>Seconds for which a connection without a request is kept. Default 130, a little more than clients and proxies keep theirs, so that they don't write to one that ends just then.</summary>
    public double KeepAliveSeconds { get; set; } = 130;

    /// <summary>Bytes a second that a body must come at, on average; slower, the answer is 408 and the connection ends. 0: no minimum. Streams of gRPC have none: a stream may be silent. Default 240.</summary>
    public double MinRequestBytesPerSecond { get; set; } = 240;

    /// <summary>Bytes a second at which a client must take an answer that is ready; slower, the connection is ended. An answer of a megabyte may so take an hour with the default: raise it where clients are known to be quick. 0: no minimum. Default 240.</summary>
    public double MinResponseBytesPerSecond { get; set; } = 240;

    /// <summary>Seconds at the beginning in which a body or an answer may be slower. Default 5.</summary>
    public double GraceSeconds { get; set; } = 5;

    /// <summary>Connections at a time; one more is closed at once. Each costs some 10 KB and a file handle. Default 10,000.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Bytes of a request's headers together; more are answered with 431. Default 32,768.</summary>
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>A request's headers; more are answered with 431. Default 100.</summary>
    public int MaxHeaders { get; set; } = 100;

    /// <summary>gRPC calls of one connection at a time; a client's next one waits. Default 100.</summary>
    public int MaxStreamsPerConnection { get; set; } = 100;

    /// <summary>
    /// Threads that watch the sockets of plain HTTP and handle quick requests themselves (inference in bodies up to 256 KiB, models up to
    /// half a millisecond): no hand-over between threads, which costs a small model's request more than the model. Linux alone; 0: the
    /// framework's own sockets, as for TLS and gRPC. At most 64. Default: one a core, at most 16.
    /// </summary>
    public int? SocketThreads { get; set; }

    /// <summary>What is wrong with these values: each entry names the key, what is expected and what came.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (
            var (key, value, least, most) in new (string, double, double, double)[]
            {
                (nameof(HeaderTimeoutSeconds), HeaderTimeoutSeconds, 0.1, 3600),
                (nameof(KeepAliveSeconds), KeepAliveSeconds, 0.1, 86_400),
                (nameof(MinRequestBytesPerSecond), MinRequestBytesPerSecond, 0, 1e9),
                (nameof(MinResponseBytesPerSecond), MinResponseBytesPerSecond, 0, 1e9),
                // The server looks at its connections once a second.
                (nameof(GraceSeconds), GraceSeconds, 1.1, 3600),
                (nameof(MaxConnections), MaxConnections, 1, 1e6),
                (nameof(MaxHeaderBytes), MaxHeaderBytes, 1024, 16 << 20),
                (nameof(MaxHeaders), MaxHeaders, 10, 10_000),
                (nameof(MaxStreamsPerConnection), MaxStreamsPerConnection, 1, 1e6),
                (nameof(SocketThreads), SocketThreads ?? 0, 0, EpollSettings.MaxThreads),
            }
        )
        {
            if (!(value >= least && value <= most))
                yield return $"{Section}:{key}: expected {least} to {most}, got {value}.";
        }
    }

    /// <summary>Sets the server's limits.</summary>
    public void Apply(KestrelServerLimits limits)
    {
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(HeaderTimeoutSeconds);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(KeepAliveSeconds);
        limits.MinRequestBodyDataRate = Rate(MinRequestBytesPerSecond);
        limits.MinResponseDataRate = Rate(MinResponseBytesPerSecond);
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
    }

    private MinDataRate? Rate(double bytesPerSecond) =>
        bytesPerSecond > 0
            ? new MinDataRate(bytesPerSecond, TimeSpan.FromSeconds(GraceSeconds))
            : null;
}
