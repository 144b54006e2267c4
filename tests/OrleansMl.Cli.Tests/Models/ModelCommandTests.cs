using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Tests.Models;

public sealed class ModelCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_version_is_shown_with_signature_and_lineage()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/models/fashion/versions/champion", Version());

        var run = await CliRun.Of(gateway, "model", "show", "fashion@champion");

        Assert.Equal(0, run.Code);
        Assert.Matches("input +image +UINT8 +N×28×28×1", run.Out);
        Assert.Contains("imported from elsewhere", run.Out);
        Assert.Contains("classes: Bag, Coat", run.Out);
    }

    [Fact]
    public async Task Watching_shows_measures_and_alerts()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var alert = new
        {
            id = "a",
            model = "churn",
            version = 2,
            rule = "inputs-moved",
            measure = "psi",
            feature = "age",
            value = 0.5,
            bound = 0.25,
            raisedAt = "2026-01-01T00:00:00Z",
        };
        gateway.OnJson("GET", "/api/v1/models/churn/alerts", new[] { alert });
        gateway.OnJson(
            "GET",
            "/api/v1/models/churn/watch",
            new
            {
                model = "churn",
                versions = new[]
                {
                    new
                    {
                        version = 2,
                        aliases = new[] { "champion" },
                        reference = "people@1",
                        problems = new[] { "Output 'y' is not compared." },
                        windows = Array.Empty<object>(),
                        total = new
                        {
                            from = "2026-01-01T00:00:00Z",
                            to = "2026-01-01T00:05:00Z",
                            calls = 3,
                            rows = 5,
                            features = new[]
                            {
                                new
                                {
                                    name = "age",
                                    count = 5,
                                    missing = 1,
                                    mean = 41.5,
                                    measures = new { psi = 0.5, lInfinity = 0.25 },
                                },
                            },
                        },
                    },
                },
                alerts = new[] { alert },
            }
        );

        var watch = await CliRun.Of(gateway, "model", "watch", "churn");
        var alerts = await CliRun.Of(gateway, "model", "alerts", "churn");

        Assert.Equal(0, watch.Code);
        Assert.Contains("churn@2 (champion): 5 rows of 3 calls", watch.Out);
        Assert.Contains("beside people@1", watch.Out);
        Assert.Matches("age +5 +1 +41.5 +0.5000 +0.2500", watch.Out);
        Assert.Contains("Output 'y' is not compared.", watch.Out);
        Assert.Equal(0, alerts.Code);
        Assert.Matches("inputs-moved +2 +Psi +age +0.5 +0.25", alerts.Out);
    }

    [Fact]
    public async Task Import_sends_labels_and_the_file()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("POST", "/api/v1/models/fashion/import", Version(), 201);
        var file = Path.Combine(_folder, "m.onnx");
        await File.WriteAllTextAsync(file, "onnx bytes", TestContext.Current.CancellationToken);

        var run = await CliRun.Of(
            gateway,
            "model",
            "import",
            "fashion",
            file,
            "--labels",
            "Bag, Coat"
        );

        Assert.Equal(0, run.Code);
        var request = Assert.Single(gateway.Requests);
        Assert.StartsWith("?label=Bag&label=Coat&source=m.onnx&commandId=", request.Query);
        Assert.Equal("onnx bytes", request.Text);
    }

    [Fact]
    public async Task Export_writes_the_file_of_the_newest_version()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/models/fashion/versions/latest/onnx",
            async (context, _) =>
            {
                context.Response.Headers.ETag = $"\"{ArtifactId.Of("abc"u8)}\"";
                await context.Response.Body.WriteAsync("abc"u8.ToArray(), context.RequestAborted);
            }
        );
        var file = Path.Combine(_folder, "m.onnx");

        var run = await CliRun.Of(gateway, "model", "export", "fashion", file, "--json");

        Assert.Equal(3, run.Json.GetProperty("bytes").GetInt64());
        Assert.Equal(
            "abc",
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task A_stale_alias_move_exits_4()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "PUT",
            "/api/v1/models/fashion/aliases/champion",
            (context, _) =>
                FakeGateway.Error(context, 409, "conflict", "champion points at 5, not 3")
        );

        var run = await CliRun.Of(
            gateway,
            "model",
            "alias",
            "fashion",
            "champion",
            "4",
            "--expected",
            "3"
        );

        Assert.Equal(4, run.Code);
        Assert.Contains("points at 5", run.Error);
    }

    private static ModelVersionSnapshot Version() =>
        new()
        {
            Id = new ModelVersionId("fashion", 2),
            Onnx = ArtifactId.Of("x"u8),
            Lineage = new ModelLineage { Source = "elsewhere" },
            Signature = new ModelSignature
            {
                Inputs =
                [
                    new TensorSignature
                    {
                        Name = "image",
                        Datatype = "UINT8",
                        Shape = [-1, 28, 28, 1],
                    },
                ],
                Outputs = [],
                ClassLabels = ["Bag", "Coat"],
                Task = "classification",
            },
        };
}
