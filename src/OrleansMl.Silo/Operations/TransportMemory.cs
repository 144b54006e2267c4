using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OrleansMl.Silo.Operations;

/// <summary>
/// Blocks that sockets are read into and written from. ASP.NET Core's own have 4 KiB: a body of 100 KB is 25 reads of the socket, each
/// with its wake-ups, and these reads cost more than the copying. Freed blocks are kept for later ones up to a limit.
/// </summary>
internal sealed class TransportMemory : MemoryPool<byte>
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 32 * 1024;

    /// <summary>Blocks kept; further ones are left to the garbage collector. 32 MiB in all.</summary>
    public const int MaxKept = 1024;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _kept;
    private bool _isDisposed;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockBytes;

    /// <summary>Blocks that lie ready.</summary>
    public int Kept => Volatile.Read(ref _kept);

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_free.TryDequeue(out var block))
            return new Block(this);
        Interlocked.Decrement(ref _kept);
        block.IsRented = true;
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        _free.Clear();
    }

    private void Return(Block block)
    {
        if (_isDisposed)
            return;
        if (Interlocked.Increment(ref _kept) <= MaxKept)
            _free.Enqueue(block);
        else
            Interlocked.Decrement(ref _kept);
    }

    private sealed class Block(TransportMemory pool) : IMemoryOwner<byte>
    {
        // Pinned for good: the socket hands its address to the system.
        private readonly Memory<byte> _memory = MemoryMarshal.CreateFromPinnedArray(
            GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true),
            0,
            BlockBytes
        );
        private int _isRented = 1;

        public bool IsRented
        {
            set => Volatile.Write(ref _isRented, value ? 1 : 0);
        }

        public Memory<byte> Memory => _memory;

        public void Dispose()
        {
            // Twice returned, a block would have two users.
            if (Interlocked.Exchange(ref _isRented, 0) == 1)
                pool.Return(this);
        }
    }
}
