using System.IO.Compression;

namespace OrleansMl.Data.Datasets;

/// <summary>
/// Unpacks a gzip file of one or more members and notices when it is cut off, which <see cref="GZipStream"/> does not: it
/// takes the end of its input for the end of the data. A member with known content is fed to it after the file's last byte;
/// only behind whole members does that content come out at the end, where it is taken off again.
/// </summary>
internal sealed class GzipContent : IDisposable
{
    private const int Chunk = 1 << 16;

    private static readonly byte[] Sentinel = "oml:end-of-data\n"u8.ToArray();
    private static readonly byte[] SentinelMember = PackSentinel();

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[Chunk + Sentinel.Length];
    private int _start;
    private int _end;
    private bool _ended;

    public GzipContent(Stream file) =>
        _unpacked = new GZipStream(new Followed(file, SentinelMember), CompressionMode.Decompress);

    /// <summary>Reads some of the content; 0 at its end.</summary>
    /// <exception cref="InvalidDataException">The file is corrupt, cut off, or goes on after its last member.</exception>
    public int Read(Span<byte> buffer)
    {
        while (!_ended && _end - _start <= Sentinel.Length)
            Fill();
        var count = Math.Min(buffer.Length, _end - _start - (_ended ? 0 : Sentinel.Length));
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public void Dispose() => _unpacked.Dispose();

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read;
        try
        {
            read = _unpacked.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("its checksum or coding is wrong", e);
        }
        _end += read;
        if (read > 0)
            return;
        _ended = true;
        if (!_buffer.AsSpan(0, _end).EndsWith(Sentinel))
            throw new InvalidDataException("it ends inside a member, or goes on after the last");
        _end -= Sentinel.Length;
    }

    private static byte[] PackSentinel()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(Sentinel);
        return packed.ToArray();
    }

    /// <summary>A stream's bytes, then some more.</summary>
    private sealed class Followed(Stream first, byte[] then) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = first.Read(buffer);
            if (read > 0 || buffer.IsEmpty)
                return read;
            read = Math.Min(buffer.Length, then.Length - _position);
            then.AsSpan(_position, read).CopyTo(buffer);
            _position += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
