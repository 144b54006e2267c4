using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>A source file's bytes, unpacked when its first bytes say that it is gzip. Errors name the file as its owner knows it.</summary>
internal sealed class SourceStream : IDisposable
{
    private readonly FileStream _file;
    private readonly GzipContent? _unpacked;

    public SourceStream(DatasetSourceFile source)
    {
        Name = source.Name;
        try
        {
            _file = new FileStream(
                source.Path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                1 << 16,
                FileOptions.SequentialScan
            );
        }
        catch (Exception e)
            when (e
                    is FileNotFoundException
                        or DirectoryNotFoundException
                        or UnauthorizedAccessException
            )
        {
            throw new InvalidInputException(
                $"{Name}: expected a readable file, got none ({e.GetType().Name}).",
                e
            );
        }
        Span<byte> magic = stackalloc byte[2];
        IsGzip =
            _file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
        _file.Position = 0;
        if (IsGzip)
            _unpacked = new GzipContent(_file);
    }

    public string Name { get; }

    public bool IsGzip { get; }

    /// <summary>Size on disk.</summary>
    public long FileLength => _file.Length;

    /// <summary>Bytes of the file on disk read so far.</summary>
    public long FilePosition => _file.Position;

    /// <summary>Bytes of content read so far.</summary>
    public long ContentRead { get; private set; }

    /// <summary>Reads until the buffer is full or the content ends; says how much.</summary>
    /// <exception cref="InvalidInputException">The gzip data is corrupt or cut off.</exception>
    public int Read(Span<byte> buffer)
    {
        var read = 0;
        try
        {
            while (read < buffer.Length)
            {
                var got = _unpacked?.Read(buffer[read..]) ?? _file.Read(buffer[read..]);
                if (got == 0)
                    break;
                read += got;
                ContentRead += got;
            }
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException(
                $"{Name}: expected a whole gzip file, got {ContentRead} good bytes and then bad or missing data ({e.Message}); fetch the file again.",
                e
            );
        }
        return read;
    }

    public void Dispose()
    {
        _unpacked?.Dispose();
        _file.Dispose();
    }
}
