using System.Buffers;

namespace OrleansMl.Contracts.Serving;

/// <summary>
/// Pooled memory of tensors. It goes back to its pool once all who hold it have released it. Never to release it is safe: the
/// garbage collector takes it. To read it after one's own release is not: other tensors may be in it by then. One thread at a time
/// rents; any thread holds and releases.
/// </summary>
public sealed class TensorMemory
{
    private byte[]? _first;
    private List<byte[]>? _more;
    private int _holders = 1;

    /// <summary>At least so many bytes, not cleared. Their place in the array from 0 on is aligned to 8 bytes.</summary>
    public byte[] Rent(int bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        if (_first is null)
            _first = buffer;
        else
            (_more ??= []).Add(buffer);
        return buffer;
    }

    /// <summary>A larger buffer with the same beginning in place of one that was rented here, which nobody may read any more.</summary>
    public byte[] Grow(byte[] buffer, int used, int bytes)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var larger = ArrayPool<byte>.Shared.Rent(
            Math.Max(bytes, (int)Math.Min(Array.MaxLength, buffer.Length * 2L))
        );
        buffer.AsSpan(0, used).CopyTo(larger);
        var place = _more?.LastIndexOf(buffer) ?? -1;
        if (ReferenceEquals(buffer, _first))
            _first = larger;
        else if (place >= 0)
            _more![place] = larger;
        else
            throw new ArgumentException("The buffer was not rented here.", nameof(buffer));
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>Keeps the memory for so many more holders, each of whom releases it once. Only who holds it itself may call this.</summary>
    /// <exception cref="ObjectDisposedException">All have released it.</exception>
    public void Hold(int holders = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(holders);
        var before = Volatile.Read(ref _holders);
        while (true)
        {
            ObjectDisposedException.ThrowIf(before <= 0, this);
            var seen = Interlocked.CompareExchange(ref _holders, before + holders, before);
            if (seen == before)
                return;
            before = seen;
        }
    }

    /// <summary>Ends one holder's use; the last one's gives the memory back.</summary>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _holders);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left > 0)
            return;
        if (_first is { } first)
            ArrayPool<byte>.Shared.Return(first);
        foreach (var buffer in _more ?? [])
            ArrayPool<byte>.Shared.Return(buffer);
        (_first, _more) = (null, null);
    }
}
