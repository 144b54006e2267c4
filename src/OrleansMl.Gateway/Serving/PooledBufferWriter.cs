using System.Buffers;

namespace OrleansMl.Gateway.Serving;

/// <summary>Takes what is written into pooled memory, which goes back when this is disposed.</summary>
internal sealed class PooledBufferWriter(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public ReadOnlyMemory<byte> Written => Buffer.AsMemory(0, _length);

    private byte[] Buffer =>
        _buffer ?? throw new ObjectDisposedException(nameof(PooledBufferWriter));

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Buffer.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Buffer.AsSpan(_length);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private void Reserve(int bytes)
    {
        var needed = (long)_length + Math.Max(bytes, 1);
        if (needed <= Buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(
            (int)Math.Min(Array.MaxLength, Math.Max(needed, Buffer.Length * 2L))
        );
        Written.CopyTo(larger.AsMemory());
        ArrayPool<byte>.Shared.Return(Buffer);
        _buffer = larger;
    }
}
