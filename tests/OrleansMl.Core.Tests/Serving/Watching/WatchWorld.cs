using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Tests.Serving.Watching;

/// <summary>A model of a number, a category and a flag, and the data that it was trained on.</summary>
internal static class WatchWorld
{
    public static DateTimeOffset Now { get; } = new(2026, 1, 1, 0, 0, 30, TimeSpan.Zero);

    public static ModelVersionSnapshot Version { get; } =
        new()
        {
            Id = new ModelVersionId("churn", 2),
            Onnx = default,
            Signature = new ModelSignature
            {
                Inputs = [Tensor("age", "FP32", true, -1, 1), Tensor("city", "BYTES", true, -1, 1)],
                Outputs = [Tensor("churned", "BOOL", false, -1)],
                Task = "binary",
            },
            Lineage = new ModelLineage { Dataset = new DatasetVersionId("people", 1) },
        };

    /// <summary>1,000 people of the ages 0 to 99, ten of each; 600 in Oslo, 400 in Bergen; 900 of 1,000 stayed.</summary>
    public static DatasetManifest People { get; } = Manifest();

    public static VersionProfile Profile(WatchPolicy? policy = null) =>
        ProfileBuilder.Build(Version, People, policy ?? new WatchPolicy());

    /// <summary>A call of one row; an age that is no number and a city that is null are missing.</summary>
    public static WatchedCall Call(
        float age,
        string? city = "Oslo",
        bool churned = false,
        string id = "c",
        DateTimeOffset? at = null
    ) => Call([age], [city], [churned], id, at);

    public static WatchedCall Call(
        float[] ages,
        string?[] cities,
        bool[] churned,
        string id = "c",
        DateTimeOffset? at = null
    ) =>
        new()
        {
            Version = Version.Id,
            Reference = "champion",
            At = at ?? Now,
            CallId = id,
            Caller = "ada",
            Inputs =
            [
                Data("age", "FP32", MemoryMarshal.AsBytes(ages.AsSpan()).ToArray(), ages.Length, 1),
                Data("city", "BYTES", Texts(cities), cities.Length, 1),
            ],
            Outputs =
            [
                Data(
                    "churned",
                    "BOOL",
                    [.. churned.Select(c => c ? (byte)1 : (byte)0)],
                    churned.Length
                ),
            ],
        };

    public static InferenceTensor Data(
        string name,
        string datatype,
        byte[] data,
        params long[] shape
    ) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
            Data = data,
        };

    private static byte[] Texts(string?[] texts)
    {
        using var stream = new MemoryStream();
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text ?? "");
            stream.Write(BitConverter.GetBytes(bytes.Length));
            stream.Write(bytes);
        }
        return stream.ToArray();
    }

    private static TensorSignature Tensor(
        string name,
        string datatype,
        bool allowsMissing,
        params long[] shape
    ) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
            AllowsMissing = allowsMissing,
        };

    private static DatasetManifest Manifest()
    {
        DatasetColumn[] schema =
        [
            new() { Name = "age", Kind = ColumnKind.Number },
            new() { Name = "city", Kind = ColumnKind.Text },
            new() { Name = "churned", Kind = ColumnKind.Boolean },
        ];
        var statistics = new DatasetStatistics(schema, new StatisticsLimits());
        statistics.Add(
            new DatasetBatch(
                1_000,
                new byte[1_000],
                [
                    new ColumnBatch
                    {
                        Numbers = [.. Enumerable.Range(0, 1_000).Select(i => (double)(i % 100))],
                    },
                    new ColumnBatch
                    {
                        Texts =
                        [
                            .. Enumerable
                                .Range(0, 1_000)
                                .Select(i => i % 10 < 6 ? "Oslo" : "Bergen"),
                        ],
                    },
                    new ColumnBatch
                    {
                        Booleans = [.. Enumerable.Range(0, 1_000).Select(i => i % 10 == 0)],
                    },
                ]
            )
        );
        return new DatasetManifest
        {
            Id = new DatasetVersionId("people", 1),
            Schema = schema,
            Shards = [],
            Splits = new SplitPolicy(),
            Statistics = statistics.ToStatistics(),
            Rows = 1_000,
            Bytes = 1,
        };
    }
}
