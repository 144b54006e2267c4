namespace OrleansMl.Storage.Tests.Artifacts;

/// <summary>A source that cannot seek, gives a little at a time, and may break.</summary>
internal sealed class TricklingStream(byte[] content, int piece) : Stream
{
    public const string Broken = "The source broke.";

    private int _position;

    /// <summary>Bytes after which it throws.</summary>
    public int BreaksAfter { get; init; } = int.MaxValue;

    /// <summary>Told the bytes read so far, before each read.</summary>
    public Action<int>? OnRead { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        OnRead?.Invoke(_position);
        if (_position >= BreaksAfter)
            throw new IOException(Broken);
        var count = Math.Min(Math.Min(buffer.Length, piece), content.Length - _position);
        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = Read(buffer.Span);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(read);
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();
}
