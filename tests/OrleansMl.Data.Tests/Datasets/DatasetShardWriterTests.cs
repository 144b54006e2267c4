using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using OrleansMl.Data.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class DatasetShardWriterTests : IDisposable
{
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task Rows_in_memory_become_a_shard_that_reads_back_with_its_statistics()
    {
        DatasetColumn[] schema =
        [
            new() { Name = "age", Kind = ColumnKind.Number },
            new() { Name = "count", Kind = ColumnKind.Integer },
            new() { Name = "city", Kind = ColumnKind.Text },
            new() { Name = "stayed", Kind = ColumnKind.Boolean },
            new()
            {
                Name = "image",
                Kind = ColumnKind.Image,
                Shape = [1, 2, 1],
            },
            new()
            {
                Name = "vector",
                Kind = ColumnKind.Vector,
                Shape = [2],
            },
        ];
        var rows = new DatasetBatch(
            2,
            [0, 2],
            [
                new ColumnBatch { Numbers = [41.5, double.NaN] },
                new ColumnBatch { Integers = [7, 0], Missing = [false, true] },
                new ColumnBatch { Texts = ["Oslo", null] },
                new ColumnBatch { Booleans = [true, false], Missing = [false, false] },
                new ColumnBatch { Pixels = [1, 2, 3, 4] },
                new ColumnBatch { Vectors = [0.5f, 1, 1.5f, 2] },
            ]
        );
        var writer = new DatasetShardWriter(
            _import.Artifacts,
            Microsoft.Extensions.Options.Options.Create(_import.Options)
        );

        var written = await writer.WriteAsync(schema, rows, TestContext.Current.CancellationToken);

        Assert.Equal(2, written.Shard.Rows);
        Assert.Equal(
            [true, true, true, false, false, false],
            written.Schema.Select(c => c.Nullable)
        );
        Assert.Equal(["train", "test"], written.Statistics.Select(s => s.Split));
        var batch = Assert.Single(
            new ShardReader().ReadShard(
                _import.Artifacts.PathOf(written.Shard.Artifact),
                written.Schema,
                [.. written.Schema.Select(c => c.Name)]
            )
        );
        Assert.Equal([0, 2], batch.Splits.Take(2));
        Assert.Equal([41.5, double.NaN], batch.Columns[0].Numbers!.Take(2));
        Assert.Equal([false, true], batch.Columns[1].Missing!.Take(2));
        Assert.Equal(["Oslo", null], batch.Columns[2].Texts!.Take(2));
        Assert.Equal([1, 2, 3, 4], batch.Columns[4].Pixels!.Take(4));
        Assert.Equal([0.5f, 1, 1.5f, 2], batch.Columns[5].Vectors!.Take(4));
    }
}
