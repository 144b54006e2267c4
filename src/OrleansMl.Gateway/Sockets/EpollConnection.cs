using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Gateway.Sockets;

/// <summary>
/// A connection between its socket and the server's pipes. What comes in is handled on the loop's thread, and an answer is sent on the
/// thread that writes it; only who had to wait, because the other side of a pipe was full, goes on on the thread pool.
/// </summary>
internal sealed partial class EpollConnection : DefaultConnectionContext, IMemoryPoolFeature
{
    // Of the pool's blocks a half, so that little is left unused; after a full one, more comes and fewer calls are wanted.
    private const int LeastRead = 2048;
    private const int LargeRead = 64 * 1024;

    // Full ones in a row on the loop's thread.
    private const int MaxReads = 8;

    private readonly EpollSocket _socket;
    private readonly ILogger _logger;
    private readonly PipeWriter _received;
    private readonly PipeReader _toSend;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _told = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private Exception? _reason;
    private bool _isShut;

    public EpollConnection(
        EpollSocket socket,
        string id,
        MemoryPool<byte> pool,
        EpollSettings settings,
        ILogger logger
    )
        : base(id)
    {
        (_socket, _logger, MemoryPool) = (socket, logger, pool);
        var input = new Pipe(Options(settings.MaxReadBytes));
        var output = new Pipe(Options(settings.MaxWriteBytes));
        (_received, _toSend) = (input.Writer, output.Reader);
        Transport = new SocketPipes(input.Reader, output.Writer);
        Application = new SocketPipes(output.Reader, input.Writer);
        ConnectionClosed = _closed.Token;
        Features.Set<IMemoryPoolFeature>(this);

        PipeOptions Options(long max) =>
            new(
                pool,
                readerScheduler: PipeScheduler.Inline,
                writerScheduler: PipeScheduler.ThreadPool,
                pauseWriterThreshold: max,
                resumeWriterThreshold: max / 2,
                useSynchronizationContext: false
            );
    }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Begins to receive and to send.</summary>
    public void Start()
    {
        _socket.Watch();
        // Nothing of whoever accepts it belongs to it.
        using var flow = ExecutionContext.IsFlowSuppressed()
            ? default
            : ExecutionContext.SuppressFlow();
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Shut(abortReason);
        // Whoever aborts may hold locks that what waits here takes.
        ThreadPool.UnsafeQueueUserWorkItem(
            static reader => reader.CancelPendingRead(),
            _toSend,
            preferLocal: false
        );
    }

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _receiving;
        await _sending;
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            var size = LeastRead;
            var full = 0;
            while (true)
            {
                if (size == LeastRead)
                {
                    // Memory is taken once there is something to put into it: connections without a request have none.
                    await _socket.Readable.WaitAsync().ConfigureAwait(false);
                    _socket.Readable.Clear();
                }
                if (_socket.IsClosed)
                    break;
                var memory = _received.GetMemory(size);
                var count = _socket.Receive(memory.Span);
                if (count == -NativeSockets.WouldBlock)
                {
                    size = LeastRead;
                    continue;
                }
                if (count < 0)
                {
                    error = Failure(-count);
                    break;
                }
                if (count == 0)
                    break;
                _received.Advance(count);
                var isFull = count == memory.Length;
                var result = await _received
                    .FlushAsync(CancellationToken.None)
                    .ConfigureAwait(false);
                if (result.IsCompleted || result.IsCanceled)
                    break;
                size = isFull ? LargeRead : LeastRead;
                if (_socket.IsEnding)
                    _socket.Readable.Signal();
                full = isFull ? full + 1 : 0;
                if (full > MaxReads)
                {
                    // One that sends without a pause would keep the loop from the others.
                    full = 0;
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }
            }
        }
        catch (ObjectDisposedException e)
        {
            error = e;
        }
        catch (Exception e)
        {
            error = e;
            LogFailed(_logger, e, ConnectionId);
        }
        finally
        {
            // The reason for which this side ended it comes first: the rest followed from it.
            await _received.CompleteAsync(Reason ?? error).ConfigureAwait(false);
            ThreadPool.UnsafeQueueUserWorkItem(
                static connection => connection.TellClosed(),
                this,
                preferLocal: false
            );
            await _told.Task.ConfigureAwait(false);
        }
    }

    private async Task SendAsync()
    {
        Exception? reason = null;
        Exception? unexpected = null;
        try
        {
            while (true)
            {
                var result = await _toSend.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                if (result.IsCanceled)
                    break;
                for (var rest = result.Buffer; !rest.IsEmpty; )
                {
                    var count = _socket.Send(rest);
                    if (count == -NativeSockets.WouldBlock)
                    {
                        _socket.Writable.Clear();
                        // Room may have come before it was cleared.
                        count = _socket.Send(rest);
                    }
                    if (count == -NativeSockets.WouldBlock)
                    {
                        await _socket.Writable.WaitAsync().ConfigureAwait(false);
                        continue;
                    }
                    if (count < 0)
                        throw Failure((int)-count);
                    rest = rest.Slice(count);
                }
                _toSend.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    break;
            }
        }
        catch (ConnectionResetException e)
        {
            reason = e;
        }
        catch (ObjectDisposedException e)
        {
            // It was shut while this waited, which has a reason already.
            reason = e;
        }
        catch (Exception e)
        {
            reason = unexpected = e;
            LogFailed(_logger, e, ConnectionId);
        }
        finally
        {
            Shut(reason);
            await _toSend.CompleteAsync(unexpected).ConfigureAwait(false);
            // What was received and nobody wants to read must not hold up the end.
            _received.CancelPendingFlush();
        }
    }

    private Exception? Reason
    {
        get
        {
            lock (_gate)
                return _reason;
        }
    }

    // The first reason stays.
    private void Shut(Exception? reason)
    {
        lock (_gate)
        {
            if (_isShut)
                return;
            _isShut = true;
            _reason =
                reason
                ?? new ConnectionAbortedException("The connection was ended by this server.");
        }
        _socket.Close(reset: reason is not null);
        ThreadPool.UnsafeQueueUserWorkItem(
            static socket => socket.Release(),
            _socket,
            preferLocal: false
        );
    }

    private void TellClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (Exception e)
        {
            LogFailed(_logger, e, ConnectionId);
        }
        finally
        {
            _told.TrySetResult();
        }
    }

    private static IOException Failure(int error) =>
        error is NativeSockets.ConnectionReset or NativeSockets.BrokenPipe
            ? new ConnectionResetException("The peer reset the connection.")
            : new IOException(
                $"The connection failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error})."
            );

    [LoggerMessage(LogLevel.Debug, "Connection {Id} ended")]
    private static partial void LogFailed(ILogger logger, Exception error, string id);
}
