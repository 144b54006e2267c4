using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Tests.Operations;
using OrleansMl.Grains.Tests.Serving;

namespace OrleansMl.Grains.Tests.Datasets;

public sealed class DatasetGrainTests
{
    [Fact]
    public async Task An_append_names_its_new_shards_and_keeps_its_parents()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var dataset = cluster.Dataset("fashion");

        Assert.Null(await dataset.GetAsync(GrainCluster.Cancel));
        await dataset.CommitAsync(TestDatasets.Commit("a"), GrainCluster.Cancel);
        var second = await dataset.CommitAsync(
            TestDatasets.Commit("b", 50, appendTo: 1, parentRows: 100),
            GrainCluster.Cancel
        );
        var again = await dataset.CommitAsync(
            TestDatasets.Commit("b", 50, appendTo: 1, parentRows: 100),
            GrainCluster.Cancel
        );

        Assert.Equal("fashion@2", second.Id.ToString());
        Assert.Equal(second.Id, again.Id);
        Assert.Equal(1, second.Parent);
        Assert.Equal([1, 2], second.Shards.Select(shard => shard.SinceVersion));
        Assert.Equal(150, second.Rows);
        Assert.Equal(2, cluster.References.Of("dataset/fashion@2").Count);
        var row = JsonSerializer.Deserialize<DatasetSummary>(
            cluster.Catalog.Find(CatalogKinds.Dataset, "fashion")!.Summary,
            ContractsJson.Options
        )!;
        Assert.Equal((2, 2, 150L, 1), (row.LatestVersion, row.Versions, row.Rows, row.Columns));
    }

    [Fact]
    public async Task Rows_are_appended_to_the_newest_version_only_and_with_its_schema()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var dataset = cluster.Dataset("fashion");
        await dataset.CommitAsync(TestDatasets.Commit("a"), GrainCluster.Cancel);
        await dataset.CommitAsync(TestDatasets.Commit("b"), GrainCluster.Cancel);

        var old = await Assert.ThrowsAsync<ConflictException>(() =>
            dataset.CommitAsync(
                TestDatasets.Commit("c", 1, appendTo: 1, parentRows: 100),
                GrainCluster.Cancel
            )
        );
        var schema = await Assert.ThrowsAsync<InvalidInputException>(() =>
            dataset.CommitAsync(
                TestDatasets.Commit("d", 1, appendTo: 2, parentRows: 100) with
                {
                    Schema = [new DatasetColumn { Name = "x", Kind = ColumnKind.Text }],
                },
                GrainCluster.Cancel
            )
        );
        var rows = await Assert.ThrowsAsync<InvalidInputException>(() =>
            dataset.CommitAsync(
                TestDatasets.Commit("e", 1, appendTo: 2, parentRows: 7),
                GrainCluster.Cancel
            )
        );

        Assert.Contains("which is 2", old.Message, StringComparison.Ordinal);
        Assert.Contains("'x' (Number)", schema.Message, StringComparison.Ordinal);
        Assert.Contains("101 rows", rows.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await dataset.GetAsync(GrainCluster.Cancel))!.LatestVersion);
    }

    [Fact]
    public async Task A_version_that_something_needs_is_not_deleted_and_the_error_names_who()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var dataset = cluster.Dataset("fashion");
        await dataset.CommitAsync(TestDatasets.Commit("a"), GrainCluster.Cancel);
        await dataset.CommitAsync(TestDatasets.Commit("b"), GrainCluster.Cancel);
        await dataset.HoldAsync(
            new DatasetHold { Holder = "run/r1", Version = 1 },
            GrainCluster.Cancel
        );

        var one = await Assert.ThrowsAsync<ConflictException>(() =>
            dataset.DeleteAsync(1, GrainCluster.Cancel)
        );
        var all = await Assert.ThrowsAsync<ConflictException>(() =>
            dataset.DeleteAsync(null, GrainCluster.Cancel)
        );
        await dataset.DeleteAsync(2, GrainCluster.Cancel);
        await dataset.DeleteAsync(2, GrainCluster.Cancel);

        Assert.Contains("run/r1", one.Message, StringComparison.Ordinal);
        Assert.Contains("run/r1", all.Message, StringComparison.Ordinal);
        Assert.Equal([1], (await dataset.GetAsync(GrainCluster.Cancel))!.Versions);
        Assert.Empty(cluster.References.Of("dataset/fashion@2"));
        Assert.NotEmpty(cluster.References.Of("dataset/fashion@1"));

        await dataset.ReleaseAsync("run/r1", GrainCluster.Cancel);
        await dataset.DeleteAsync(null, GrainCluster.Cancel);
        Assert.Equal(0, (await dataset.GetAsync(GrainCluster.Cancel))!.LatestVersion);
        Assert.Null(cluster.Catalog.Find(CatalogKinds.Dataset, "fashion"));
        var next = await dataset.CommitAsync(TestDatasets.Commit("c"), GrainCluster.Cancel);
        Assert.Equal(3, next.Id.Version);
        await Assert.ThrowsAsync<NotFoundException>(() =>
            dataset.HoldAsync(
                new DatasetHold { Holder = "run/r2", Version = 1 },
                GrainCluster.Cancel
            )
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_write_fails_repeated_commands_commit_once_and_delete_whole(
        bool afterTheWrite
    )
    {
        await using var cluster = await GrainCluster.StartAsync();
        var struck = true;
        for (var n = 1; struck; n++)
        {
            Assert.True(n < 100, "The sweep did not come to an end.");
            var name = $"fashion-{n}";
            var dataset = cluster.Dataset(name);
            cluster.Faults.Arm(n, afterTheWrite);
            var first = await GrainCluster.RetryAsync(() =>
                dataset.CommitAsync(TestDatasets.Commit("a"), GrainCluster.Cancel)
            );
            var second = await GrainCluster.RetryAsync(() =>
                dataset.CommitAsync(
                    TestDatasets.Commit("b", 5, appendTo: 1, parentRows: 100),
                    GrainCluster.Cancel
                )
            );
            await GrainCluster.RetryAsync(async () =>
            {
                await dataset.DeleteAsync(1, GrainCluster.Cancel);
                return true;
            });
            struck = cluster.Faults.Struck;
            cluster.Faults.Disarm();
            await cluster.DeactivateAsync(dataset);

            Assert.Equal((1, 2), (first.Id.Version, second.Id.Version));
            var snapshot = (await dataset.GetAsync(GrainCluster.Cancel))!;
            Assert.Equal([2], snapshot.Versions);
            Assert.Equal(second.Shards, snapshot.Latest!.Shards);
            Assert.Null(await dataset.GetVersionAsync(1, GrainCluster.Cancel));
            Assert.Empty(cluster.References.Of($"dataset/{name}@1"));
            Assert.Equal(
                [TestModels.Artifact("shard a"), TestModels.Artifact("shard b")],
                second.Shards.Select(shard => shard.Artifact)
            );
            Assert.Equal(2, cluster.References.Of($"dataset/{name}@2").Count);
        }
    }
}
