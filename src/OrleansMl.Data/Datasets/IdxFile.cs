using System.Buffers.Binary;
using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>An IDX file of unsigned bytes: header read and checked, rows read one after another.</summary>
internal sealed class IdxFile : IDisposable
{
    private const byte UnsignedByte = 0x08;

    private readonly SourceStream _stream;

    public IdxFile(DatasetSourceFile source, DataOptions options)
    {
        _stream = new SourceStream(source);
        try
        {
            Dimensions = ReadHeader();
            Rows = Dimensions[0];
            RowBytes = CheckRowBytes(options.MaxBytesPerValue);
            CheckFileLength();
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public string Name => _stream.Name;

    /// <summary>Sizes, rows first: 1 of labels, 3 or 4 of images.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    public int Rows { get; }

    public int RowBytes { get; }

    public bool IsLabels => Dimensions.Count == 1;

    public long FileLength => _stream.FileLength;

    public long FilePosition => _stream.FilePosition;

    private long HeaderBytes => 4 + (4L * Dimensions.Count);

    private long ContentBytes => HeaderBytes + ((long)Rows * RowBytes);

    /// <summary>Whether these first bytes are those of an IDX file of any type.</summary>
    public static bool IsMagic(ReadOnlySpan<byte> first) =>
        first is [0, 0, 0x08 or 0x09 or 0x0B or 0x0C or 0x0D or 0x0E, >= 1 and <= 4, ..];

    /// <summary>Fills the buffer with whole rows.</summary>
    public void ReadRows(Span<byte> buffer)
    {
        if (_stream.Read(buffer) < buffer.Length)
            throw Truncated();
    }

    /// <summary>Refuses bytes after the last row: the header and the data disagree.</summary>
    public void CheckEnd()
    {
        Span<byte> more = stackalloc byte[1];
        if (_stream.Read(more) > 0)
            throw new InvalidInputException(
                $"{Name}: expected {ContentBytes} bytes for {Describe()}, got more: trailing bytes after the last row."
            );
    }

    public void Dispose() => _stream.Dispose();

    public string Describe() =>
        $"{Rows} rows of {string.Join('x', Dimensions.Skip(1).Append(1))} bytes";

    private int[] ReadHeader()
    {
        Span<byte> header = stackalloc byte[4 + (4 * 4)];
        var magic = header[..4];
        var read = _stream.Read(magic);
        if (read < 4)
            throw new InvalidInputException(
                $"{Name}: expected an IDX file, got {(read == 0 ? "an empty file" : $"{read} bytes")}."
            );
        if (magic is not [0, 0, UnsignedByte, 1 or 3 or 4])
            throw new InvalidInputException(
                $"{Name}: expected the magic number 0x00000801 (labels), 0x00000803 or 0x00000804 (images) of an IDX file of unsigned bytes, got 0x{Convert.ToHexStringLower(magic)}."
            );
        var rank = magic[3];
        var sizes = header.Slice(4, 4 * rank);
        if (_stream.Read(sizes) < sizes.Length)
            throw new InvalidInputException(
                $"{Name}: expected an IDX header of {4 + sizes.Length} bytes, got {_stream.ContentRead}: the file is cut off."
            );
        var dimensions = new int[rank];
        for (var i = 0; i < rank; i++)
        {
            dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(sizes[(4 * i)..]);
            if (dimensions[i] < (i == 0 ? 0 : 1))
                throw new InvalidInputException(
                    $"{Name}: expected a positive size in dimension {i + 1} of the IDX header, got {dimensions[i]}."
                );
        }
        return dimensions;
    }

    private int CheckRowBytes(int most)
    {
        var bytes = 1L;
        foreach (var size in Dimensions.Skip(1))
        {
            bytes = Math.BigMul((int)Math.Min(bytes, int.MaxValue), size);
            if (bytes > most)
                throw new InvalidInputException(
                    $"{Name}: expected images of at most {most} bytes (Data:{nameof(DataOptions.MaxBytesPerValue)}), the IDX header says {string.Join('x', Dimensions.Skip(1))}."
                );
        }
        return (int)bytes;
    }

    private void CheckFileLength()
    {
        if (_stream.IsGzip)
            return;
        if (_stream.FileLength < ContentBytes)
            throw new InvalidInputException(
                $"{Name}: expected {ContentBytes} bytes for {Describe()}, got {_stream.FileLength}: the file is cut off."
            );
        if (_stream.FileLength > ContentBytes)
            throw new InvalidInputException(
                $"{Name}: expected {ContentBytes} bytes for {Describe()}, got {_stream.FileLength}: trailing bytes after the last row."
            );
    }

    private InvalidInputException Truncated() =>
        new(
            $"{Name}: expected {ContentBytes} bytes for {Describe()}, got {_stream.ContentRead}: the file is cut off."
        );
}
