using System.Buffers.Binary;
using System.IO.Compression;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Benchmarks.Training;

/// <summary>Fashion-MNIST straight from its IDX files: both sides of a comparison read these and nothing else.</summary>
internal sealed class FashionMnist : IDatasetReader
{
    private const int Side = 28;
    private readonly byte[] _pixels;
    private readonly long[] _labels;
    private readonly byte[] _splits;

    /// <summary>Reads.</summary>
    /// <param name="folder">Where the four files are, gzip or not.</param>
    /// <param name="trainRows">How many of the 60,000 train.</param>
    /// <param name="validate">Whether the 10,000 test images are scored after each epoch.</param>
    public FashionMnist(string folder, int trainRows, bool validate)
    {
        var (pixels, labels) = Read(folder, "train", trainRows);
        var (testPixels, testLabels) = validate ? Read(folder, "t10k", 10_000) : ([], []);
        _pixels = [.. pixels, .. testPixels];
        _labels = [.. labels, .. testLabels];
        _splits =
        [
            .. Enumerable.Repeat((byte)0, labels.Length),
            .. Enumerable.Repeat((byte)1, testLabels.Length),
        ];
    }

    /// <summary>The manifest that the planner reads.</summary>
    public DatasetManifest Manifest =>
        new()
        {
            Id = new DatasetVersionId("fashion", 1),
            Schema =
            [
                new DatasetColumn
                {
                    Name = "image",
                    Kind = ColumnKind.Image,
                    Shape = [Side, Side, 1],
                },
                new DatasetColumn { Name = "label", Kind = ColumnKind.Integer },
            ],
            Shards = [],
            Splits = new SplitPolicy(),
            Statistics = [Statistics("train", 0), Statistics("validation", 1)],
            Rows = _labels.Length,
            Bytes = _pixels.Length,
        };

    public IEnumerable<DatasetBatch> ReadShard(
        string path,
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<string> columns
    )
    {
        yield return new DatasetBatch(
            _labels.Length,
            _splits,
            [
                .. columns.Select(column =>
                    column == "image"
                        ? new ColumnBatch { Pixels = _pixels }
                        : new ColumnBatch { Integers = _labels }
                ),
            ]
        );
    }

    private SplitStatistics Statistics(string split, byte number)
    {
        var rows = Enumerable
            .Range(0, _labels.Length)
            .Where(row => _splits[row] == number)
            .ToList();
        return new SplitStatistics
        {
            Split = split,
            Rows = rows.Count,
            Columns =
            [
                new ColumnStatistics
                {
                    Column = "image",
                    Count = rows.Count,
                    Minimum = 0,
                    Maximum = 1,
                    Mean = 0.286,
                    StandardDeviation = 0.353,
                },
                new ColumnStatistics
                {
                    Column = "label",
                    Count = rows.Count,
                    Values =
                    [
                        .. rows.GroupBy(row => _labels[row])
                            .Select(group => new ValueCount
                            {
                                Value = $"{group.Key}",
                                Count = group.Count(),
                            }),
                    ],
                },
            ],
        };
    }

    private static (byte[] Pixels, long[] Labels) Read(string folder, string part, int rows)
    {
        var images = ReadFile(folder, $"{part}-images-idx3-ubyte");
        var labels = ReadFile(folder, $"{part}-labels-idx1-ubyte");
        var there = BinaryPrimitives.ReadInt32BigEndian(labels.AsSpan(4));
        if (there < rows)
            throw new InvalidDataException(
                $"{folder} has {there} rows of {part}, expected {rows}."
            );
        return (
            images.AsSpan(16, rows * Side * Side).ToArray(),
            [.. labels.AsSpan(8, rows).ToArray().Select(label => (long)label)]
        );
    }

    private static byte[] ReadFile(string folder, string name)
    {
        var plain = Path.Combine(folder, name);
        if (File.Exists(plain))
            return File.ReadAllBytes(plain);
        using var stream = new GZipStream(File.OpenRead(plain + ".gz"), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
