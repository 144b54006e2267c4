using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Gateway.Sockets;

/// <summary>Accepts connections and deals them out to the loops.</summary>
internal sealed partial class EpollListener : IConnectionListener
{
    // How long until a connection that was lacking a file handle is tried again: nothing tells when one is free.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Differs between processes, since ids go to logs and answers.
    private static long _lastId =
        BitConverter.ToInt64(Guid.NewGuid().ToByteArray()) & (1L << 52) - 1;

    private readonly Socket _listener;
    private readonly EpollQueue[] _queues;
    private readonly EpollSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EpollSocket _socket;
    private int _next;

    public EpollListener(
        Socket listener,
        EpollQueue[] queues,
        EpollSettings settings,
        TimeProvider time,
        ILogger logger
    )
    {
        (_listener, _queues, _settings, _time, _logger) = (
            listener,
            queues,
            settings,
            time,
            logger
        );
        EndPoint = listener.LocalEndPoint!;
        _socket = new(listener.SafeHandle, queues[0].Loop);
        _socket.Watch();
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(
        CancellationToken cancellationToken = default
    )
    {
        while (!_socket.IsClosed)
        {
            _socket.Readable.Clear();
            if (_socket.IsClosed)
                break;
            int error;
            try
            {
                if (TryAccept(out error) is { } connection)
                    return connection;
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            switch (error)
            {
                case NativeSockets.WouldBlock:
                    await _socket.Readable.WaitAsync().ConfigureAwait(false);
                    break;
                case NativeSockets.TooManyFiles
                or NativeSockets.TooManyFilesInSystem
                or NativeSockets.OutOfMemory
                or NativeSockets.NoBuffers:
                    LogLacking(_logger, EndPoint, Marshal.GetPInvokeErrorMessage(error));
                    await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
                    break;
                case NativeSockets.BadDescriptor or NativeSockets.Invalid:
                    if (_socket.IsClosed)
                        return null;
                    throw new IOException(
                        $"No connection can be accepted at {EndPoint}: {Marshal.GetPInvokeErrorMessage(error)}."
                    );
                // Whatever else the kernel says is of the one connection, which is gone.
            }
        }
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Close(reset: false);
        // Takes the file of a Unix-domain socket away, too.
        _listener.Dispose();
        _socket.Release();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private unsafe EpollConnection? TryAccept(out int error)
    {
        var address = stackalloc byte[NativeSockets.AddressLength];
        var length = NativeSockets.AddressLength;
        var descriptor = NativeSockets.Accept(
            _listener.SafeHandle,
            address,
            &length,
            NativeSockets.NonBlocking | NativeSockets.CloseOnExec
        );
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (descriptor < 0)
            return null;
        var handle = new SocketHandle(descriptor);
        try
        {
            var remote = NativeAddress.Read(
                new(address, Math.Min(length, NativeSockets.AddressLength))
            );
            length = NativeSockets.AddressLength;
            var local =
                NativeSockets.LocalName(handle, address, &length) == 0
                    ? NativeAddress.Read(new(address, length))
                    : null;
            if (EndPoint is IPEndPoint)
            {
                var on = 1;
                _ = NativeSockets.SetOption(
                    handle,
                    NativeSockets.LevelTcp,
                    NativeSockets.OptionNoDelay,
                    &on,
                    sizeof(int)
                );
            }
            var queue = _queues[(uint)_next++ % (uint)_queues.Length];
            var connection = new EpollConnection(
                new EpollSocket(handle, queue.Loop),
                Interlocked.Increment(ref _lastId).ToString("X13"),
                queue.Pool,
                _settings,
                _logger
            )
            {
                LocalEndPoint = local ?? EndPoint,
                RemoteEndPoint = remote,
            };
            connection.Start();
            return connection;
        }
        catch (ObjectDisposedException)
        {
            handle.Dispose();
            throw;
        }
        catch (Exception e)
        {
            handle.Dispose();
            LogRefused(_logger, e, EndPoint);
            return null;
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "No connection could be accepted at {EndPoint} for now: {Reason}"
    )]
    private static partial void LogLacking(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(LogLevel.Error, "A connection at {EndPoint} could not be begun")]
    private static partial void LogRefused(ILogger logger, Exception error, EndPoint endPoint);
}
