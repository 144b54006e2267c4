using System.Globalization;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Engines.Torch.Tests.Datasets;

/// <summary>A dataset of a single shard, made by a test and kept in memory.</summary>
internal sealed class MemoryDataset : IDatasetReader
{
    private readonly byte[] _splits;
    private readonly List<(DatasetColumn Column, ColumnBatch Values)> _columns = [];

    /// <summary>Makes one without columns.</summary>
    public MemoryDataset(int train, int validation = 0, int test = 0) =>
        _splits = [
            .. Enumerable.Repeat((byte)0, train),
            .. Enumerable.Repeat((byte)1, validation),
            .. Enumerable.Repeat((byte)2, test),
        ];

    /// <summary>Rows in all.</summary>
    public int Rows => _splits.Length;

    /// <summary>Its manifest, with the statistics that the planner reads.</summary>
    public DatasetManifest Manifest =>
        new()
        {
            Id = new DatasetVersionId("memory", 1),
            Schema = [.. _columns.Select(c => c.Column)],
            Shards =
            [
                new DatasetShard
                {
                    Artifact = ArtifactId.Parse(new string('a', 64)),
                    Rows = Rows,
                    Bytes = 1,
                    SinceVersion = 1,
                },
            ],
            Splits = new SplitPolicy(),
            Statistics =
            [
                .. new[] { "train", "validation", "test" }.Select(
                    (split, i) =>
                        new SplitStatistics
                        {
                            Split = split,
                            Rows = _splits.Count(s => s == i),
                            Columns = [.. _columns.Select(c => Statistics(c.Column, c.Values, i))],
                        }
                ),
            ],
            Rows = Rows,
            Bytes = 1,
        };

    public MemoryDataset Image(
        string name,
        int height,
        int width,
        int channels,
        Func<int, byte[]> pixels
    ) =>
        Add(
            new DatasetColumn
            {
                Name = name,
                Kind = ColumnKind.Image,
                Shape = [height, width, channels],
            },
            new ColumnBatch { Pixels = [.. Enumerable.Range(0, Rows).SelectMany(pixels)] }
        );

    public MemoryDataset Number(string name, Func<int, double> value) =>
        Add(
            new DatasetColumn { Name = name, Kind = ColumnKind.Number },
            new ColumnBatch { Numbers = [.. Enumerable.Range(0, Rows).Select(value)] }
        );

    public MemoryDataset Integer(string name, Func<int, long> value) =>
        Add(
            new DatasetColumn { Name = name, Kind = ColumnKind.Integer },
            new ColumnBatch { Integers = [.. Enumerable.Range(0, Rows).Select(value)] }
        );

    public MemoryDataset Text(string name, Func<int, string?> value) =>
        Add(
            new DatasetColumn { Name = name, Kind = ColumnKind.Text },
            new ColumnBatch { Texts = [.. Enumerable.Range(0, Rows).Select(value)] }
        );

    public MemoryDataset Boolean(string name, Func<int, bool?> value) =>
        Add(
            new DatasetColumn { Name = name, Kind = ColumnKind.Boolean },
            new ColumnBatch
            {
                Booleans = [.. Enumerable.Range(0, Rows).Select(row => value(row) ?? false)],
                Missing = [.. Enumerable.Range(0, Rows).Select(row => value(row) is null)],
            }
        );

    public MemoryDataset Vector(string name, int length, Func<int, float[]> value) =>
        Add(
            new DatasetColumn
            {
                Name = name,
                Kind = ColumnKind.Vector,
                Shape = [length],
            },
            new ColumnBatch { Vectors = [.. Enumerable.Range(0, Rows).SelectMany(value)] }
        );

    public IEnumerable<DatasetBatch> ReadShard(
        string path,
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<string> columns
    )
    {
        yield return new DatasetBatch(
            Rows,
            _splits,
            [.. columns.Select(name => _columns.Single(c => c.Column.Name == name).Values)]
        );
    }

    private MemoryDataset Add(DatasetColumn column, ColumnBatch values)
    {
        _columns.Add((column, values));
        return this;
    }

    private ColumnStatistics Statistics(DatasetColumn column, ColumnBatch values, int split)
    {
        var rows = Enumerable.Range(0, Rows).Where(row => _splits[row] == split).ToList();
        var texts = rows.Select(row => Text(values, row)).ToList();
        var numbers = rows.SelectMany(row => Numbers(column, values, row))
            .Where(double.IsFinite)
            .DefaultIfEmpty()
            .ToList();
        var mean = numbers.Average();
        return new ColumnStatistics
        {
            Column = column.Name,
            Count = rows.Count - texts.Count(text => text is null),
            Missing = texts.Count(text => text is null),
            Minimum = numbers.Min(),
            Maximum = numbers.Max(),
            Mean = mean,
            StandardDeviation = Math.Sqrt(numbers.Average(x => (x - mean) * (x - mean))),
            Values = column.Kind is ColumnKind.Text or ColumnKind.Integer or ColumnKind.Boolean
                ?
                [
                    .. texts
                        .OfType<string>()
                        .GroupBy(text => text)
                        .Select(group => new ValueCount
                        {
                            Value = group.Key,
                            Count = group.Count(),
                        }),
                ]
                : [],
        };
    }

    private static string? Text(ColumnBatch values, int row)
    {
        if (values.Missing?[row] ?? false)
            return null;
        return values.Texts is { } texts ? texts[row]
            : values.Integers is { } integers ? integers[row].ToString(CultureInfo.InvariantCulture)
            : values.Booleans is { } booleans
                ? booleans[row] ? "true"
                    : "false"
            : values.Numbers is { } numbers && double.IsNaN(numbers[row]) ? null
            : "a value";
    }

    private static IEnumerable<double> Numbers(DatasetColumn column, ColumnBatch values, int row)
    {
        var size = column.Shape.Aggregate(1, (product, n) => product * n);
        return values.Pixels is { } pixels
                ? pixels.Skip(row * size).Take(size).Select(p => p / 255.0)
            : values.Vectors is { } vectors
                ? vectors.Skip(row * size).Take(size).Select(v => (double)v)
            : values.Numbers is { } numbers ? [numbers[row]]
            : values.Integers is { } integers ? [integers[row]]
            : [];
    }
}
