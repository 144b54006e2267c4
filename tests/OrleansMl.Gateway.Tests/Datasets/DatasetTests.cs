using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Gateway.Datasets;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Datasets;

public sealed class DatasetTests(GatewayCluster cluster)
{
    private void Add(string name) =>
        cluster.World.Datasets[name] = [
            new DatasetManifest
            {
                Id = new DatasetVersionId(name, 1),
                Schema = ScriptedImporter.Schema,
                Shards = [],
                Splits = new SplitPolicy(),
                Statistics = [],
                Rows = 10,
                Bytes = 20,
            },
        ];

    [Fact]
    public async Task A_dataset_is_shown_by_name_version_and_rows()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("ds-show");

        var dataset = await gateway.GetAsync<DatasetSnapshot>("/api/v1/datasets/ds-show");
        var version = await gateway.GetAsync<DatasetManifest>(
            "/api/v1/datasets/ds-show/versions/1"
        );
        var latest = await gateway.GetAsync<DatasetManifest>(
            "/api/v1/datasets/ds-show/versions/latest"
        );
        var rows = await gateway.GetAsync<DatasetPreview>(
            "/api/v1/datasets/ds-show/versions/1/rows?offset=3&limit=2"
        );

        Assert.Equal(1, dataset.LatestVersion);
        Assert.Equal(10, version.Rows);
        Assert.Equal(version.Id, latest.Id);
        Assert.Equal([3, 4], rows.Rows.Select(row => row.Values["x"].GetInt32()));
    }

    [Fact]
    public async Task Deleting_what_something_needs_is_refused_naming_it()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("ds-held");
        Add("ds-free");
        cluster.World.Holds["ds-held"] = [new DatasetHold { Holder = "run/r1", Version = 1 }];

        var error = await gateway.RefusedAsync(
            HttpMethod.Delete,
            "/api/v1/datasets/ds-held/versions/1",
            null,
            409,
            "conflict"
        );
        await gateway.RefusedAsync(
            HttpMethod.Delete,
            "/api/v1/datasets/ds-free/versions/latest",
            null,
            400,
            "invalid_request"
        );
        using var deleted = await gateway.Http.DeleteAsync(
            "/api/v1/datasets/ds-free",
            TestContext.Current.CancellationToken
        );

        Assert.Contains("run/r1", error.Error, StringComparison.Ordinal);
        Assert.Equal(204, (int)deleted.StatusCode);
        await gateway.RefusedAsync(
            HttpMethod.Delete,
            "/api/v1/datasets/ds-free",
            null,
            404,
            "not_found"
        );
    }

    [Fact]
    public async Task Paths_of_the_server_are_taken_only_under_the_import_roots()
    {
        var root = Directory.CreateTempSubdirectory("oml-test-root");
        var outside = Directory.CreateTempSubdirectory("oml-test-outside");
        try
        {
            var inside = Path.Combine(root.FullName, "a.csv");
            var secret = Path.Combine(outside.FullName, "secret.csv");
            var link = Path.Combine(root.FullName, "link.csv");
            var folderLink = Path.Combine(root.FullName, "folder");
            await File.WriteAllTextAsync(inside, "x", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(secret, "x", TestContext.Current.CancellationToken);
            File.CreateSymbolicLink(link, secret);
            Directory.CreateSymbolicLink(folderLink, outside.FullName);
            await using var off = await TestGateway.StartAsync(cluster);
            await using var on = await TestGateway.StartAsync(
                cluster,
                options => options.ImportRoots = [root.FullName]
            );
            const string Route = "/api/v1/datasets/ds-path/import-path";

            var disabled = await off.RefusedAsync(
                HttpMethod.Post,
                Route,
                TestGateway.Json(new { paths = new[] { inside } }),
                404,
                "not_found"
            );
            foreach (
                var path in new[]
                {
                    secret,
                    link,
                    Path.Combine(folderLink, "secret.csv"),
                    $"{root.FullName}/../{outside.Name}/secret.csv",
                    $"{root.FullName}-sibling/a.csv",
                    root.FullName,
                    "a.csv",
                }
            )
                await on.RefusedAsync(
                    HttpMethod.Post,
                    Route,
                    TestGateway.Json(new { paths = new[] { path } }),
                    404,
                    "not_found"
                );
            await on.RefusedAsync(
                HttpMethod.Post,
                Route,
                TestGateway.Json(new { paths = Array.Empty<string>() }),
                400,
                "invalid_request"
            );
            var manifest = await on.SendAsync<DatasetManifest>(
                HttpMethod.Post,
                Route,
                TestGateway.Json(
                    new { paths = new[] { inside }, options = new { format = "csv" } }
                ),
                201
            );

            Assert.Contains("Gateway:ImportRoots", disabled.Error, StringComparison.Ordinal);
            Assert.Equal("a.csv", manifest.Source);
            Assert.Equal("csv", on.Importer.Requests["ds-path"].Format);
            Assert.True(File.Exists(inside));
        }
        finally
        {
            root.Delete(recursive: true);
            outside.Delete(recursive: true);
        }
    }

    [Fact]
    public void Leftovers_of_a_killed_process_are_swept_and_those_of_a_living_one_stay()
    {
        var root = Directory.CreateTempSubdirectory("oml-test-sweep");
        try
        {
            var options = Options.Create(
                new GatewayOptions { SpoolDirectory = root.FullName, MinFreeBytes = 0 }
            );
            using var living = new Spool(options, NullLogger<Spool>.Instance);
            using var upload = living.CreateFolder();
            File.WriteAllText(upload.NextFile(), "x");
            var dead = Directory.CreateDirectory(Path.Combine(root.FullName, "oml-upload-dead"));
            File.WriteAllText(Path.Combine(dead.FullName, ".lock"), "");
            File.WriteAllText(Path.Combine(dead.FullName, "0000"), "x");
            var foreign = root.CreateSubdirectory("not-ours");

            using var next = new Spool(options, NullLogger<Spool>.Instance);

            Assert.False(Directory.Exists(dead.FullName));
            Assert.True(foreign.Exists);
            Assert.Single(Directory.GetFiles(root.FullName, "0000", SearchOption.AllDirectories));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
