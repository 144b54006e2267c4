using System.Buffers;
using System.Runtime.InteropServices;

namespace OrleansMl.Gateway.Sockets;

/// <summary>A socket that a loop watches. What it tells is kept until the owner asks, so that a socket is registered once.</summary>
internal sealed unsafe class EpollSocket(SafeHandle handle, EpollLoop loop)
{
    private const uint Reading =
        NativeSockets.EventIn
        | NativeSockets.EventPeerClosed
        | NativeSockets.EventHangUp
        | NativeSockets.EventError;
    private const uint Writing =
        NativeSockets.EventOut | NativeSockets.EventHangUp | NativeSockets.EventError;

    private int _closed;

    public Readiness Readable { get; } = new();

    public Readiness Writable { get; } = new();

    /// <summary>What the loop calls it by; never used twice by a loop.</summary>
    public ulong Token { get; set; }

    /// <summary>The peer ended its side, or the connection failed: no other event will tell, so that it is to be read to its end.</summary>
    public bool IsEnding { get; private set; }

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Begins to be watched.</summary>
    public void Watch() => loop.Add(this, handle);

    /// <summary>On the loop's thread: what epoll says.</summary>
    public void OnEvents(uint events)
    {
        if ((events & (Reading & ~NativeSockets.EventIn)) != 0)
            IsEnding = true;
        if ((events & Reading) != 0)
            Readable.Signal();
        if ((events & Writing) != 0)
            Writable.Signal();
    }

    /// <summary>Receives what is there.</summary>
    /// <returns>Bytes; 0 at the end; negative: minus the error's number.</returns>
    public int Receive(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
                count = NativeSockets.Receive(
                    handle,
                    start,
                    (nuint)buffer.Length,
                    NativeSockets.DoNotWait
                );
            if (count >= 0)
                return (int)count;
            var error = Marshal.GetLastPInvokeError();
            if (error != NativeSockets.Interrupted)
                return -error;
        }
    }

    /// <summary>Sends as much as goes now.</summary>
    /// <returns>Bytes; negative: minus the error's number.</returns>
    public long Send(in ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            var count = buffer.IsSingleSegment ? SendOne(buffer.FirstSpan) : SendMany(buffer);
            if (count >= 0)
                return count;
            var error = Marshal.GetLastPInvokeError();
            if (error != NativeSockets.Interrupted)
                return -error;
        }
    }

    /// <summary>Takes it from the loop and closes it, once; a call in progress ends first. Whoever waits is to be told by <see cref="Release"/>.</summary>
    /// <param name="reset">Whether the peer is told that something failed, instead of the regular end.</param>
    public void Close(bool reset)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        loop.Remove(this);
        if (handle is SocketHandle)
        {
            if (reset)
            {
                var linger = stackalloc int[] { 1, 0 };
                _ = NativeSockets.SetOption(
                    handle,
                    NativeSockets.LevelSocket,
                    NativeSockets.OptionLinger,
                    linger,
                    2 * sizeof(int)
                );
            }
            else
            {
                // A peer that is gone already makes it fail, which is as good.
                _ = NativeSockets.Shutdown(handle, NativeSockets.ShutdownBoth);
            }
        }
        handle.Dispose();
    }

    /// <summary>Lets whoever waits for a closed socket go on, to find it closed.</summary>
    public void Release()
    {
        Readable.Signal();
        Writable.Signal();
    }

    private nint SendOne(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
            return NativeSockets.Send(
                handle,
                start,
                (nuint)buffer.Length,
                NativeSockets.DoNotWait | NativeSockets.NoSignal
            );
    }

    private nint SendMany(in ReadOnlySequence<byte> buffer)
    {
        var parts = stackalloc NativeSockets.Part[NativeSockets.MaxParts];
        // A default pin frees nothing.
        var pins = new PinArray();
        var count = 0;
        try
        {
            foreach (var memory in buffer)
            {
                if (count == NativeSockets.MaxParts)
                    break;
                if (memory.IsEmpty)
                    continue;
                var pin = memory.Pin();
                pins[count] = pin;
                parts[count++] = new()
                {
                    Start = (byte*)pin.Pointer,
                    Length = (nuint)memory.Length,
                };
            }
            var message = new NativeSockets.Message { Parts = parts, PartCount = (nuint)count };
            return NativeSockets.SendMessage(
                handle,
                &message,
                NativeSockets.DoNotWait | NativeSockets.NoSignal
            );
        }
        finally
        {
            for (var i = 0; i < count; i++)
                pins[i].Dispose();
        }
    }

    [System.Runtime.CompilerServices.InlineArray(NativeSockets.MaxParts)]
    private struct PinArray
    {
        private MemoryHandle _first;
    }
}
