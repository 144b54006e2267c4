using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Cli.Tests.Datasets;

public sealed class DatasetCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Import_sends_kinds_classes_and_splits()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/api/v1/datasets/churn/import",
            (context, _) => FakeGateway.Event(context, "done", new { manifest = Manifest() })
        );
        var file = Path.Combine(_folder, "a.csv");
        await File.WriteAllTextAsync(file, "x\n1\n", TestContext.Current.CancellationToken);

        var run = await CliRun.Of(
            gateway,
            "dataset",
            "import",
            "churn",
            file,
            "--column",
            "zip=text",
            "--class-names",
            "no, yes",
            "--split-by",
            "random",
            "--seed",
            "7",
            "--test",
            "0.25",
            "--stratify",
            "churned",
            "--command-id",
            "c1"
        );

        Assert.Equal(0, run.Code);
        Assert.Contains("churn@1: 1,000 rows (train 750, test 250), 1 columns, 2.0 KiB", run.Out);
        Assert.Contains(
            """{"splits":{"kind":"random","seed":7,"validation":0.1,"test":0.25,"stratifyBy":"churned"},"columnKinds":{"zip":"text"},"classNames":["no","yes"],"append":false,"commandId":"c1"}""",
            Assert.Single(gateway.Requests).Text
        );
    }

    [Fact]
    public async Task Append_leaves_the_split_to_the_parent()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/api/v1/datasets/churn/import",
            (context, _) => FakeGateway.Event(context, "done", new { manifest = Manifest() })
        );
        var file = Path.Combine(_folder, "a.csv");
        await File.WriteAllTextAsync(file, "x\n1\n", TestContext.Current.CancellationToken);

        await CliRun.Of(gateway, "dataset", "append", "churn", file, "--command-id", "c2");

        Assert.Contains(
            """{"append":true,"commandId":"c2"}""",
            Assert.Single(gateway.Requests).Text
        );
    }

    [Fact]
    public async Task Show_gives_schema_and_statistics()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/datasets/churn/versions/latest", Manifest());

        var run = await CliRun.Of(gateway, "dataset", "show", "churn");

        Assert.Matches(@"age +number +3 +18 +99 +41\.5", run.Out);
        Assert.Contains("splits: train 750, test 250 (hash, seed 42)", run.Out);
    }

    [Fact]
    public async Task Deleting_names_the_version()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .On("DELETE", "/api/v1/datasets/churn/versions/2", NoContent)
            .On("DELETE", "/api/v1/datasets/churn", NoContent);

        Assert.Equal(0, (await CliRun.Of(gateway, "dataset", "rm", "churn@2")).Code);
        Assert.Equal(
            0,
            (await CliRun.Of(gateway, "dataset", "rm", "churn", "--all-versions")).Code
        );

        Assert.Equal(
            ["/api/v1/datasets/churn/versions/2", "/api/v1/datasets/churn"],
            gateway.Requests.Select(r => r.Path)
        );
    }

    private static Task NoContent(Microsoft.AspNetCore.Http.HttpContext context, int count)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static DatasetManifest Manifest() =>
        new()
        {
            Id = new DatasetVersionId("churn", 1),
            Schema = [new DatasetColumn { Name = "age", Kind = ColumnKind.Number }],
            Shards = [],
            Splits = new SplitPolicy(),
            Statistics =
            [
                new SplitStatistics
                {
                    Split = "train",
                    Rows = 750,
                    Columns =
                    [
                        new ColumnStatistics
                        {
                            Column = "age",
                            Count = 747,
                            Missing = 3,
                            Minimum = 18,
                            Maximum = 99,
                            Mean = 41.5,
                            StandardDeviation = 10,
                        },
                    ],
                },
                new SplitStatistics
                {
                    Split = "test",
                    Rows = 250,
                    Columns = [],
                },
            ],
            Rows = 1000,
            Bytes = 2048,
        };
}
