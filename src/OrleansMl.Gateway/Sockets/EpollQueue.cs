using System.Buffers;

namespace OrleansMl.Gateway.Sockets;

/// <summary>A loop and the memory of its connections.</summary>
internal sealed record EpollQueue(EpollLoop Loop, MemoryPool<byte> Pool) : IDisposable
{
    public void Dispose()
    {
        Loop.Dispose();
        Pool.Dispose();
    }
}
