using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Gateway.Sockets;

/// <summary>
/// A thread that watches sockets and goes on itself with whoever waits for one. The runtime's own threads of that kind stay out of it,
/// so that nobody else's sockets (a database driver's, a broker's, those between silos) are touched.
/// </summary>
internal sealed unsafe partial class EpollLoop : IDisposable
{
    private const int MaxEvents = 256;
    private const ulong WakeUp = ulong.MaxValue;

    // epoll_event is packed on x86-64 alone.
    private static readonly int Offset =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly ILogger _logger;
    private readonly SocketHandle _epoll;
    private readonly SocketHandle _wake;
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new();
    private EpollSocket?[] _sockets = new EpollSocket?[64];
    private uint _generation;
    private int _used;
    private int _stopped;

    public EpollLoop(int number, ILogger logger)
    {
        _logger = logger;
        _epoll = new(Check(NativeSockets.CreateEpoll(NativeSockets.CloseOnExec)));
        _wake = new(
            Check(
                NativeSockets.CreateEvent(0, NativeSockets.CloseOnExec | NativeSockets.NonBlocking)
            )
        );
        Register(_wake, NativeSockets.EventIn, WakeUp);
        new Thread(Run) { IsBackground = true, Name = $"sockets-{number}" }.Start();
    }

    /// <summary>Watches a socket from now on.</summary>
    public void Add(EpollSocket socket, SafeHandle handle)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var index))
                index = _used++;
            if (index == _sockets.Length)
                Array.Resize(ref _sockets, 2 * index);
            // The number of a place that is used again differs, so that an event of the socket before is known as one.
            socket.Token = (ulong)(++_generation & int.MaxValue) << 32 | (uint)index;
            Volatile.Write(ref _sockets[index], socket);
        }
        try
        {
            Register(
                handle,
                NativeSockets.EventIn
                    | NativeSockets.EventOut
                    | NativeSockets.EventPeerClosed
                    | NativeSockets.EdgeTriggered,
                socket.Token
            );
        }
        catch
        {
            Remove(socket);
            throw;
        }
    }

    /// <summary>Tells no more of a socket. Its descriptor is taken out by being closed.</summary>
    public void Remove(EpollSocket socket)
    {
        lock (_gate)
        {
            var index = (int)(uint)socket.Token;
            if (_sockets[index] != socket)
                return;
            _sockets[index] = null;
            _free.Push(index);
        }
    }

    /// <summary>Ends the thread, after what it is at.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        ulong one = 1;
        _ = NativeSockets.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void Register(SafeHandle handle, uint events, ulong token)
    {
        var request = stackalloc byte[Offset + sizeof(ulong)];
        Unsafe.WriteUnaligned(request, events);
        Unsafe.WriteUnaligned(request + Offset, token);
        Check(NativeSockets.ControlEpoll(_epoll, NativeSockets.ControlAdd, handle, request));
    }

    private void Run()
    {
        var size = Offset + sizeof(ulong);
        var events = stackalloc byte[MaxEvents * size];
        var burst = new RequestBurst();
        while (Volatile.Read(ref _stopped) == 0)
        {
            var count = NativeSockets.WaitEpoll(_epoll, events, MaxEvents, -1);
            if (count < 0 && Marshal.GetLastPInvokeError() != NativeSockets.Interrupted)
            {
                // Cannot come of a socket: the loop's own descriptor is wrong.
                LogFailed(_logger, Marshal.GetLastPInvokeErrorMessage());
                break;
            }
            // One alone is not kept waiting.
            if (count > 1)
                burst.Begin();
            for (var i = 0; i < count; i++)
                Tell(
                    Unsafe.ReadUnaligned<ulong>(events + i * size + Offset),
                    Unsafe.ReadUnaligned<uint>(events + i * size)
                );
            if (count > 1)
                End(burst);
        }
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Tell(ulong token, uint events)
    {
        if (token == WakeUp)
            return;
        var socket = Volatile.Read(ref Volatile.Read(ref _sockets)[(int)(uint)token]);
        if (socket is null || socket.Token != token)
            return;
        try
        {
            socket.OnEvents(events);
        }
        catch (Exception error)
        {
            // Whoever waits keeps his failures to himself; one that does not must not end the others' thread.
            LogEvent(_logger, error);
        }
    }

    private void End(RequestBurst burst)
    {
        try
        {
            burst.End();
        }
        catch (Exception error)
        {
            LogEvent(_logger, error);
        }
    }

    private static int Check(int result) =>
        result >= 0
            ? result
            : throw new Win32Exception(
                Marshal.GetLastPInvokeError(),
                $"The system gave no socket loop: {Marshal.GetLastPInvokeErrorMessage()}."
            );

    [LoggerMessage(LogLevel.Critical, "A thread that watches sockets ended: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "An event of a socket was not handled")]
    private static partial void LogEvent(ILogger logger, Exception error);
}
