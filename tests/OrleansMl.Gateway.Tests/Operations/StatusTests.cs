using System.Text.Json;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Operations;

namespace OrleansMl.Gateway.Tests.Operations;

public sealed class StatusTests(GatewayCluster cluster)
{
    [Fact]
    public async Task Status_counts_without_waking_a_grain_for_each_thing()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        for (var i = 0; i < 10_000; i++)
            gateway.Catalog.Entries.Enqueue(
                new CatalogEntry(CatalogKinds.ModelVersion, $"status-m@{i + 1}", "", default, "{}")
            );
        for (var i = 0; i < 100; i++)
            gateway.Catalog.Entries.Enqueue(
                new CatalogEntry(CatalogKinds.TrainingRun, $"status-r{i}", "Queued", default, "{}")
            );
        gateway.Catalog.Entries.Enqueue(
            new CatalogEntry(CatalogKinds.Model, "status-m", "", default, "{}")
        );

        var status = await gateway.GetAsync<ClusterStatus>("/api/v1/status");

        Assert.Equal(10_000, status.ModelVersions);
        Assert.Equal(1, status.Models);
        Assert.Equal(0, status.Datasets);
        Assert.Equal(100, status.Runs["queued"]);
        Assert.Equal("waiting", Assert.Single(status.Pool.Queue).Value);
        Assert.DoesNotContain(
            cluster.World.Calls,
            call => call.Contains("status-", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Status_shows_silos_by_their_metadata()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var status = await gateway.GetAsync<ClusterStatus>("/api/v1/status");

        var silo = Assert.Single(status.Silos);
        Assert.Equal("Active", silo.Status);
        Assert.Equal(["gateway", "serve"], silo.Roles);
        Assert.Equal(["cpu"], silo.Accelerators);
        Assert.Equal(1024, silo.MemoryBytes);
        Assert.Equal("a", silo.Labels["zone"]);
        Assert.Equal("http://127.0.0.1:8080", silo.GatewayUrl);
        Assert.NotEmpty(status.ClusterId);
    }

    [Fact]
    public async Task Clients_are_told_the_gateways_that_take_calls()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var one = Assert.Single(
            await gateway.GetAsync<IReadOnlyList<GatewayEndpoint>>("/api/v1/gateways")
        );

        Assert.Equal(("http://127.0.0.1:8080", "http://127.0.0.1:8081"), (one.Url, one.GrpcUrl));
        Assert.NotEmpty(one.Silo);
    }

    [Fact]
    public async Task Lists_are_pages_newest_first_with_the_next_offset()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        for (var i = 0; i < 5; i++)
            gateway.Catalog.Entries.Enqueue(
                new CatalogEntry(
                    CatalogKinds.TrainingRun,
                    $"page-{i}",
                    i == 0 ? "Running" : "Queued",
                    DateTimeOffset.UnixEpoch.AddHours(i),
                    $$"""{"name":"n{{i}}"}"""
                )
            );

        var first = await gateway.GetAsync<CatalogPage>("/api/v1/runs?limit=2");
        var last = await gateway.GetAsync<CatalogPage>("/api/v1/runs?limit=2&offset=4");
        var running = await gateway.GetAsync<CatalogPage>("/api/v1/runs?status=running");

        Assert.Equal(["page-4", "page-3"], first.Items.Select(item => item.Key));
        Assert.Equal(2, first.Next);
        Assert.Equal("n4", first.Items[0].Summary.GetProperty("name").GetString());
        Assert.Equal("queued", first.Items[0].Status);
        Assert.Equal("page-0", Assert.Single(last.Items).Key);
        Assert.Null(last.Next);
        Assert.Equal("page-0", Assert.Single(running.Items).Key);
    }

    [Fact]
    public async Task The_openapi_document_has_every_route_and_the_page_shows_it()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var document = await gateway.GetAsync<JsonElement>("/openapi/v1.json");
        var page = await gateway.Http.GetStringAsync(
            "/docs/",
            TestContext.Current.CancellationToken
        );

        var paths = document
            .GetProperty("paths")
            .EnumerateObject()
            .Select(path => path.Name)
            .ToList();
        Assert.Contains("/api/v1/status", paths);
        Assert.Contains("/api/v1/datasets/{name}/import", paths);
        Assert.Contains("/api/v1/runs/{id}/events", paths);
        Assert.Contains("/api/v1/models/{model}/aliases/{alias}", paths);
        Assert.Contains("/v2/models/{model}/versions/{version}/infer", paths);
        var schemas = document.GetProperty("components").GetProperty("schemas");
        foreach (
            var id in new[]
            {
                "TrainingRunId",
                "ArtifactId",
                "DatasetVersionId",
                "TrainingRunPhase",
            }
        )
            Assert.Equal("string", schemas.GetProperty(id).GetProperty("type").GetString());
        Assert.All(
            document
                .GetProperty("paths")
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject()),
            operation =>
                Assert.EndsWith(
                    "/ApiError",
                    operation
                        .Value.GetProperty("responses")
                        .GetProperty("default")
                        .GetProperty("content")
                        .GetProperty("application/json")
                        .GetProperty("schema")
                        .GetProperty("$ref")
                        .GetString()
                )
        );
        Assert.Contains("<html", page, StringComparison.OrdinalIgnoreCase);
    }
}
