using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Datasets;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client.Tests.Datasets;

public sealed class DatasetsClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-client-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_import_sends_every_file_and_reports_both_stages()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/api/v1/datasets/iris/import",
            async (context, _) =>
            {
                await FakeGateway.Event(
                    context,
                    "progress",
                    new
                    {
                        rows = 150,
                        bytesRead = 9,
                        bytesTotal = 9,
                    }
                );
                await FakeGateway.Event(context, "done", new { manifest = Manifest() });
            }
        );
        using var client = Client(gateway, new ManualClock());
        var reports = new Reports();

        var manifest = await client.Datasets.ImportAsync(
            "iris",
            [Write("a.csv", "x,y\n1,2\n"), Write("b.csv", "x,y\n3,4\n")],
            new DatasetImportOptions { Format = "csv", CommandId = "c1" },
            reports,
            Token
        );

        Assert.Equal("iris@1", $"{manifest.Id}");
        var request = Assert.Single(gateway.Requests);
        Assert.StartsWith("multipart/form-data", request.Headers["Content-Type"]);
        Assert.Contains("filename=a.csv", request.Text);
        Assert.Contains("x,y\n3,4\n", request.Text);
        Assert.Contains("\"commandId\":\"c1\"", request.Text);
        Assert.Contains(new(DatasetImportStage.Uploading, 16, 16, 0), reports);
        Assert.Equal(new(DatasetImportStage.Importing, 9, 9, 150), reports[^1]);
    }

    [Fact]
    public async Task A_torn_import_begins_anew_as_the_same_command()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/api/v1/datasets/iris/import",
            async (context, count) =>
            {
                if (count == 1)
                {
                    await FakeGateway.Event(
                        context,
                        "progress",
                        new
                        {
                            rows = 1,
                            bytesRead = 1,
                            bytesTotal = 8,
                        }
                    );
                    context.Abort();
                    return;
                }
                await FakeGateway.Event(context, "done", new { manifest = Manifest() });
            }
        );
        var clock = new ManualClock();
        using var client = Client(gateway, clock);

        var call = client.Datasets.ImportAsync(
            "iris",
            [Write("a.csv", "x,y\n1,2\n")],
            cancellationToken: Token
        );
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(1));
        await call;

        var ids = gateway.Requests.Select(r => CommandIdOf(r.Text)).ToArray();
        Assert.Equal(2, ids.Length);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task What_is_wrong_with_the_data_ends_the_import()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/api/v1/datasets/iris/import",
            (context, _) =>
                FakeGateway.Event(
                    context,
                    "error",
                    new ApiError
                    {
                        Error = "a.csv, line 2: 3 fields, expected 2",
                        Code = "invalid_input",
                    }
                )
        );
        using var client = Client(gateway, new ManualClock());

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Datasets.ImportAsync("iris", [Write("a.csv", "x")], cancellationToken: Token)
        );

        Assert.Equal(OrleansMlErrorCodes.InvalidInput, error.Code);
        Assert.Equal("a.csv, line 2: 3 fields, expected 2", error.Message);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_before_anything_is_sent()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var client = Client(gateway, new ManualClock());
        var missing = Path.Combine(_folder, "missing.csv");

        var error = await Assert.ThrowsAsync<FileNotFoundException>(() =>
            client.Datasets.ImportAsync("iris", [missing], cancellationToken: Token)
        );

        Assert.Contains(missing, error.Message);
        Assert.Empty(gateway.Requests);
    }

    private static string CommandIdOf(string body)
    {
        var at = body.IndexOf("\"commandId\":\"", StringComparison.Ordinal);
        return body.Substring(at + 13, 26);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private static OrleansMlClient Client(FakeGateway gateway, TimeProvider clock) =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = [gateway.Address],
                TimeProvider = clock,
                Random = new Random(1),
            }
        );

    private static DatasetManifest Manifest() =>
        new()
        {
            Id = new DatasetVersionId("iris", 1),
            Schema = [],
            Shards = [],
            Splits = new SplitPolicy(),
            Statistics = [],
            Rows = 150,
            Bytes = 9,
        };

    private sealed class Reports : List<DatasetImportProgress>, IProgress<DatasetImportProgress>
    {
        public void Report(DatasetImportProgress value) => Add(value);
    }
}
