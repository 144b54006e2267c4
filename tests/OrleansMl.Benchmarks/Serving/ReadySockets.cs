using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>
/// Linux's epoll: which of many sockets have something to read, for one thread. The load takes its processor time from the servers that it
/// measures, and .NET's asynchronous sockets would take twice as much.
/// </summary>
internal sealed partial class ReadySockets : IDisposable
{
    private const int Add = 1;
    private const uint Readable = 1;

    // The kernel packs an event on x64 alone: 4 bytes of flags, then 8 of data.
    private static readonly int DataOffset =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly int _epoll;
    private readonly byte[] _events;
    private readonly int _most;

    /// <summary>For so many sockets.</summary>
    public ReadySockets(int most)
    {
        _most = most;
        _events = GC.AllocateArray<byte>(most * EventBytes, pinned: true);
        _epoll = Check(Create(0));
    }

    /// <summary>Watches a socket; it is told of by the number.</summary>
    public void Watch(int descriptor, int number)
    {
        Span<byte> one = stackalloc byte[EventBytes];
        MemoryMarshal.Write(one, Readable);
        MemoryMarshal.Write(one[DataOffset..], (long)number);
        Check(Control(_epoll, Add, descriptor, ref one[0]));
    }

    /// <summary>Waits until some can be read.</summary>
    /// <param name="ready">Gets their numbers.</param>
    /// <returns>How many.</returns>
    public int Wait(Span<int> ready)
    {
        var count = Check(Wait(_epoll, ref _events[0], _most, 1000));
        for (var i = 0; i < count; i++)
            ready[i] = (int)MemoryMarshal.Read<long>(_events.AsSpan(i * EventBytes + DataOffset));
        return count;
    }

    public void Dispose() => _ = Close(_epoll);

    private static int Check(int result) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int descriptor, ref byte one);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int epoll, ref byte events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
