using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace OrleansMl.Silo.Operations;

/// <summary>How the silo's HTTP server reads and writes its sockets.</summary>
internal static class SiloTransport
{
    /// <summary>
    /// Reads into blocks that take a body of some rows in a few pieces, and goes on with a request on the thread that read it: no
    /// hand-overs between threads, which cost more than a small model's run. Nothing on that thread blocks: work that takes
    /// longer than half a millisecond has threads of its own.
    /// </summary>
    public static void UseInferenceTransport(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseSockets(options => options.UnsafePreferInlineScheduling = true);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemoryFactory>();
    }

    private sealed class TransportMemoryFactory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new TransportMemory();
    }
}
