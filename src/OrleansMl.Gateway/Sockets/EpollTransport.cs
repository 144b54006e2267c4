using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Gateway.Sockets;

/// <summary>
/// Gives Kestrel connections whose requests are handled on the threads that watch the sockets. Linux alone; the framework's own
/// transport stays for every other address.
/// </summary>
internal sealed class EpollTransport(
    EpollSettings settings,
    IMemoryPoolFactory<byte> pools,
    TimeProvider time,
    ILogger<EpollTransport> logger
) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly Lock _gate = new();
    private EpollQueue[] _queues = [];
    private bool _disposed;

    public bool CanBind(EndPoint endpoint) =>
        OperatingSystem.IsLinux()
        && endpoint is IPEndPoint or UnixDomainSocketEndPoint
        && settings.Takes(endpoint);

    public ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint,
        CancellationToken cancellationToken = default
    )
    {
        Socket socket;
        try
        {
            // The framework's own rules for both stacks, for addresses used before and for socket files.
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
        try
        {
            // The kernel's flag, not only the class's.
            socket.Blocking = false;
            socket.Listen(settings.Backlog);
            return new(new EpollListener(socket, Queues(), settings, time, logger));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var queue in _queues)
                queue.Dispose();
            _queues = [];
        }
    }

    // Threads begin with the first address.
    private EpollQueue[] Queues()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_queues.Length == 0)
                _queues =
                [
                    .. Enumerable
                        .Range(0, settings.Threads)
                        .Select(i => new EpollQueue(new EpollLoop(i, logger), pools.Create())),
                ];
            return _queues;
        }
    }
}
