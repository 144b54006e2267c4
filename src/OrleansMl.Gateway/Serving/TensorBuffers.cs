using System.Buffers;

namespace OrleansMl.Gateway.Serving;

/// <summary>
/// Pooled memory of one request's tensors. It goes back to the pool only once the model has answered: a request that was cancelled
/// or timed out may still be read by a batch, and its memory is left to the garbage collector.
/// </summary>
internal sealed class TensorBuffers
{
    private readonly List<byte[]> _rented = [];

    /// <summary>At least so many bytes.</summary>
    public byte[] Rent(int bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        _rented.Add(buffer);
        return buffer;
    }

    /// <summary>A larger buffer with the same beginning; the smaller one is free at once.</summary>
    public byte[] Grow(byte[] buffer, int used, int bytes)
    {
        var larger = Rent(Math.Max(bytes, (int)Math.Min(Array.MaxLength, buffer.Length * 2L)));
        buffer.AsSpan(0, used).CopyTo(larger);
        _rented.Remove(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>Gives all back; nobody may read the tensors afterwards.</summary>
    public void Return()
    {
        foreach (var buffer in _rented)
            ArrayPool<byte>.Shared.Return(buffer);
        _rented.Clear();
    }
}
