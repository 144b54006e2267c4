using System.Net;

namespace OrleansMl.Gateway.Sockets;

/// <summary>How <see cref="EpollTransport"/> listens.</summary>
public sealed record EpollSettings
{
    /// <summary>The most threads.</summary>
    public const int MaxThreads = 64;

    /// <summary>Threads that watch sockets, 1 to 64. Default: one a core, at most 16.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);

    /// <summary>Which addresses it takes; the server's other transports get the rest. Default: all.</summary>
    public Func<EndPoint, bool> Takes { get; init; } = static _ => true;

    /// <summary>Connections that wait to be accepted. Default 512, as the framework's.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>Bytes received that nobody has read, past which a socket is no longer read. Default 1 MiB.</summary>
    public long MaxReadBytes { get; init; } = 1 << 20;

    /// <summary>Bytes to be sent, past which writers wait. Default 64 KiB.</summary>
    public long MaxWriteBytes { get; init; } = 64 * 1024;
}
