using System.Buffers.Binary;
using System.IO.Compression;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Serving;

/// <summary>A whole IDX file of unsigned bytes, gzip or not: the format of MNIST and its kin.</summary>
internal sealed class IdxFile
{
    private const int GzipMagic = 0x1F8B;
    private const byte UnsignedByte = 0x08;

    private readonly byte[] _data;
    private readonly int _start;

    private IdxFile(byte[] data, int start, IReadOnlyList<int> shape)
    {
        _data = data;
        _start = start;
        Shape = shape;
    }

    /// <summary>Dimensions; the first counts the items.</summary>
    public IReadOnlyList<int> Shape { get; }

    public int Count => Shape[0];

    /// <summary>Bytes an item.</summary>
    public int ItemSize => Shape.Skip(1).Aggregate(1, (product, d) => product * d);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidInputException">It isn't whole or isn't of this form.</exception>
    public static async Task<IdxFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var data = await File.ReadAllBytesAsync(path, cancellationToken);
        if (data.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(data) == GzipMagic)
            data = Unzip(data, path);
        return Parse(data, path);
    }

    public ReadOnlyMemory<byte> Items(int first, int count) =>
        _data.AsMemory(_start + first * ItemSize, count * ItemSize);

    private static byte[] Unzip(byte[] data, string path)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(data), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            return plain.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"'{path}' is a damaged gzip file: {e.Message}", e);
        }
    }

    private static IdxFile Parse(byte[] data, string path)
    {
        if (data.Length < 4 || data[0] != 0 || data[1] != 0)
            throw new InvalidInputException(
                $"'{path}' is not an IDX file: expected it to begin with two zero bytes."
            );
        if (data[2] != UnsignedByte)
            throw new InvalidInputException(
                $"'{path}' holds elements of type 0x{data[2]:x2}, expected unsigned bytes (0x08)."
            );
        int rank = data[3];
        var start = 4 + 4 * rank;
        if (rank is 0 or > 8 || data.Length < start)
            throw new InvalidInputException($"'{path}' is cut off in its IDX header.");
        var shape = new int[rank];
        var expected = (long)start;
        var elements = 1L;
        for (var i = 0; i < rank; i++)
        {
            shape[i] = BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4 + 4 * i));
            // Stop before a product of absurd dimensions overflows.
            if (shape[i] < 0 || (elements *= shape[i]) > data.Length)
                break;
        }
        expected += elements;
        if (Array.Exists(shape, d => d < 0) || expected != data.Length)
            throw new InvalidInputException(
                $"'{path}' has {data.Length} bytes, but its IDX header says [{string.Join(',', shape)}]: it is cut off or damaged."
            );
        return new IdxFile(data, start, shape);
    }
}
