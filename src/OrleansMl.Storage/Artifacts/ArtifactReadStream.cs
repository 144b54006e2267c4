using System.Security.Cryptography;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Reads a known number of bytes of an artifact, once, forwards. A whole read is hashed on the way, and checked before its
/// last bytes are handed out: who got them all, got the right ones.
/// </summary>
internal sealed class ArtifactReadStream : Stream
{
    private readonly Stream _inner;
    private readonly ArtifactId _id;
    private readonly string _place;
    private readonly long _length;
    private readonly IncrementalHash? _hash;
    private readonly IDisposable? _owned;
    private readonly Action? _damaged;
    private long _remaining;
    private bool _checked;

    /// <summary>Takes a stream that stands at the first byte.</summary>
    /// <param name="inner">Owned.</param>
    /// <param name="id">The artifact.</param>
    /// <param name="place">Where it is read from, for messages.</param>
    /// <param name="length">Bytes to hand out.</param>
    /// <param name="whole">Whether that is all of the artifact.</param>
    /// <param name="owned">Disposed after the stream, for example a lease.</param>
    /// <param name="damaged">Told when the bytes turn out wrong.</param>
    public ArtifactReadStream(
        Stream inner,
        ArtifactId id,
        string place,
        long length,
        bool whole,
        IDisposable? owned = null,
        Action? damaged = null
    )
    {
        _inner = inner;
        _id = id;
        _place = place;
        _length = _remaining = length;
        _hash = whole ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        _owned = owned;
        _damaged = damaged;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _length - _remaining;
        set => throw new NotSupportedException();
    }

    /// <summary>Cuts a range to an artifact's size.</summary>
    public static (long Offset, long Length) Cut(ArtifactRange? range, long bytes)
    {
        if (range is not { } r)
            return (0, bytes);
        if (r.Offset < 0 || r.Length < 0)
            throw new ArgumentOutOfRangeException(
                nameof(range),
                $"A range begins at 0 or later and has 0 bytes or more: offset {r.Offset}, length {r.Length}."
            );
        var offset = Math.Min(r.Offset, bytes);
        return (offset, Math.Min(r.Length ?? long.MaxValue, bytes - offset));
    }

    public override int Read(Span<byte> buffer)
    {
        if (Window(buffer.Length) is not (> 0 and var window))
            return End();
        var read = _inner.Read(buffer[..window]);
        Took(buffer[..read]);
        return read;
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if (Window(buffer.Length) is not (> 0 and var window))
            return End();
        var read = await _inner.ReadAsync(buffer[..window], cancellationToken);
        Took(buffer.Span[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(
        byte[] buffer,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _hash?.Dispose();
            _owned?.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Window(int asked) => (int)Math.Min(asked, _remaining);

    private int End()
    {
        if (_remaining == 0)
            Check();
        return 0;
    }

    private void Took(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            _damaged?.Invoke();
            throw new ArtifactCorruptException(
                $"Artifact {_id} in {_place} ends after {_length - _remaining} of {_length} bytes."
            );
        }
        _hash?.AppendData(bytes);
        _remaining -= bytes.Length;
        if (_remaining == 0)
            Check();
    }

    private void Check()
    {
        if (_hash is null || _checked)
            return;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        var actual = ArtifactId.FromDigest(digest);
        if (actual != _id)
        {
            _damaged?.Invoke();
            throw new ArtifactCorruptException(
                $"Artifact {_id} in {_place} is corrupt: its {_length} bytes have the SHA-256 {actual}. Delete it there and store it again."
            );
        }
        _checked = true;
    }
}
