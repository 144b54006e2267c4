using System.IO.Compression;
using OrleansMl.Client.Tests;
using OrleansMl.Client.Tests.Serving;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Tests.Serving;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_served_accuracy_is_counted_and_compared_with_the_reported_one()
    {
        await using var gateway = await FakeGateway.StartAsync();
        // Five images whose first pixel is what the model answers; the fourth's label is another.
        Serve(gateway, reported: 0.8);

        var run = await Evaluate(
            gateway,
            Images([0, 1, 1, 0, 1]),
            Labels([0, 1, 1, 1, 1]),
            "--check"
        );

        Assert.Equal(0, run.Code);
        Assert.Equal(0.8, run.Json.GetProperty("accuracy").GetDouble());
        Assert.Equal(4, run.Json.GetProperty("correct").GetInt32());
        Assert.True(run.Json.GetProperty("matchesReported").GetBoolean());
        Assert.Equal("[[1,0],[1,3]]", run.Json.GetProperty("confusionMatrix").GetRawText());
        // Two images a request.
        Assert.Equal(3, gateway.Requests.Count(r => r.Method == "POST"));
    }

    [Theory]
    [InlineData(0.8000001, 0)]
    [InlineData(0.6, 1)]
    [InlineData(1.0, 1)]
    public async Task Check_fails_when_one_example_differs(double reported, int expected)
    {
        await using var gateway = await FakeGateway.StartAsync();
        Serve(gateway, reported);

        var run = await Evaluate(
            gateway,
            Images([0, 1, 1, 0, 1]),
            Labels([0, 1, 1, 1, 1]),
            "--check"
        );

        Assert.Equal(expected, run.Code);
    }

    [Theory]
    [InlineData("0.8", 0)]
    [InlineData("0.81", 1)]
    public async Task An_accuracy_below_the_minimum_exits_1(string minimum, int expected)
    {
        await using var gateway = await FakeGateway.StartAsync();
        Serve(gateway, reported: 0.8);

        var run = await Evaluate(
            gateway,
            Images([0, 1, 1, 0, 1]),
            Labels([0, 1, 1, 1, 1]),
            "--min-accuracy",
            minimum
        );

        Assert.Equal(expected, run.Code);
    }

    [Fact]
    public async Task Files_that_do_not_belong_together_exit_2()
    {
        await using var gateway = await FakeGateway.StartAsync();
        Serve(gateway, reported: 0.8);

        var run = await Evaluate(gateway, Images([0, 1, 1]), Labels([0, 1]));

        Assert.Equal(2, run.Code);
        Assert.Contains("holds 3 images", run.Error);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(17)]
    public async Task A_file_that_is_cut_off_exits_2(int length)
    {
        await using var gateway = await FakeGateway.StartAsync();
        Serve(gateway, reported: 0.8);
        var images = Images([0, 1]);
        await File.WriteAllBytesAsync(
            images,
            (await File.ReadAllBytesAsync(images, TestContext.Current.CancellationToken))[..length],
            TestContext.Current.CancellationToken
        );

        var run = await Evaluate(gateway, images, Labels([0, 1]));

        Assert.Equal(2, run.Code);
        Assert.Contains(images, run.Error);
    }

    [Fact]
    public async Task Rows_of_the_asked_split_are_predicted()
    {
        await using var gateway = await FakeGateway.StartAsync();
        Serve(gateway, reported: 0.5);
        gateway.On(
            "GET",
            "/api/v1/datasets/d/versions/latest/rows",
            (context, _) =>
                FakeGateway.Json(
                    context,
                    new
                    {
                        dataset = "d@3",
                        offset = 0,
                        rows = new[]
                        {
                            new { split = "train", values = new { image = 1, label = 0 } },
                            new { split = "test", values = new { image = 1, label = 0 } },
                            new { split = "test", values = new { image = 1, label = 1 } },
                        },
                    }
                )
        );
        // The second page is asked of the version that the first came from.
        gateway.OnJson(
            "GET",
            "/api/v1/datasets/d/versions/3/rows",
            new { dataset = "d@3", rows = Array.Empty<object>() }
        );
        gateway.OnJson(
            "POST",
            "/api/v1/models/m/versions/1/predict",
            new
            {
                model = "m",
                version = 1,
                predictions = new[]
                {
                    new { label = "1", outputs = new { } },
                    new { label = "1", outputs = new { } },
                },
            }
        );

        var run = await CliRun.Of(gateway, "evaluate", "m", "--dataset", "d", "--check", "--json");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(0.5, run.Json.GetProperty("accuracy").GetDouble());
        Assert.Equal(2, run.Json.GetProperty("examples").GetInt32());
    }

    private static Task<CliRun> Evaluate(
        FakeGateway gateway,
        string images,
        string labels,
        params string[] more
    ) =>
        CliRun.Of(
            gateway,
            [
                "evaluate",
                "m",
                "--images",
                images,
                "--labels",
                labels,
                "--batch-size",
                "2",
                "--json",
                .. more,
            ]
        );

    private static void Serve(FakeGateway gateway, double reported) =>
        gateway
            .OnJson(
                "GET",
                "/api/v1/models/m",
                new ModelSnapshot
                {
                    Name = "m",
                    LatestVersion = 1,
                    Aliases = new Dictionary<string, int>(),
                }
            )
            .OnJson(
                "GET",
                "/api/v1/models/m/versions/1",
                new ModelVersionSnapshot
                {
                    Id = new ModelVersionId("m", 1),
                    Onnx = ArtifactId.Of("x"u8),
                    Lineage = new ModelLineage(),
                    Signature = new ModelSignature
                    {
                        Inputs =
                        [
                            new TensorSignature
                            {
                                Name = "image",
                                Datatype = "UINT8",
                                Shape = [-1, 1, 1, 1],
                            },
                        ],
                        Outputs =
                        [
                            new TensorSignature
                            {
                                Name = "label",
                                Datatype = "INT64",
                                Shape = [-1],
                            },
                        ],
                        ClassLabels = ["0", "1"],
                        Task = "classification",
                    },
                    Evaluations =
                    [
                        new Evaluation
                        {
                            Split = "test",
                            Examples = 5,
                            Metrics = new Dictionary<string, double> { ["accuracy"] = reported },
                        },
                    ],
                }
            )
            .On(
                "POST",
                "/v2/models/m/versions/1/infer",
                async (context, _) =>
                {
                    int[] pixels =
                    [
                        .. Assert
                            .Single(InferenceProtocol.Inputs(context))
                            .Data.ToArray()
                            .Select(pixel => (int)pixel),
                    ];
                    await FakeGateway.Json(
                        context,
                        new Dictionary<string, object>
                        {
                            ["model_name"] = "m",
                            ["model_version"] = "1",
                            ["outputs"] = new[]
                            {
                                new
                                {
                                    name = "label",
                                    datatype = "INT64",
                                    shape = new[] { pixels.Length },
                                    data = pixels,
                                },
                            },
                        }
                    );
                }
            );

    private string Images(byte[] pixels) =>
        Write(
            "images",
            [0, 0, 8, 3, 0, 0, 0, (byte)pixels.Length, 0, 0, 0, 1, 0, 0, 0, 1, .. pixels]
        );

    private string Labels(byte[] labels)
    {
        var plain = Write("labels", [0, 0, 8, 1, 0, 0, 0, (byte)labels.Length, .. labels]);
        using var gzip = new GZipStream(File.Create($"{plain}.gz"), CompressionLevel.Fastest);
        gzip.Write(File.ReadAllBytes(plain));
        return $"{plain}.gz";
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
