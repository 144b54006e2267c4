using System.Diagnostics;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class FashionMnistTests(ITestOutputHelper output) : IDisposable
{
    private const string Folder = "/usr/share/datasets/fashion-mnist";
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task All_70000_images_come_in_with_the_published_counts_and_moments()
    {
        Assert.SkipUnless(
            Directory.Exists(Folder),
            "Debian's package dataset-fashion-mnist is not installed."
        );
        var files = Directory
            .GetFiles(Folder, "*.gz")
            .Select(f => new DatasetSourceFile(Path.GetFileName(f), f))
            .ToArray();
        var watch = Stopwatch.StartNew();
        var result = await _import.RunAsync(
            new DatasetImportRequest
            {
                Name = "fashion",
                Files = files,
                Splits = new SplitPolicy { Kind = SplitKind.Random, StratifyBy = "label" },
            }
        );
        output.WriteLine($"import {watch.ElapsedMilliseconds} ms");
        foreach (var shard in result.Shards)
            output.WriteLine($"shard {shard.Rows} rows, {shard.Bytes} bytes");

        Assert.Equal(
            [("train", 54_000L), ("validation", 6_000L), ("test", 10_000L)],
            result.Statistics.Select(s => (s.Split, s.Rows))
        );
        Assert.All(
            result.Statistics,
            s => Assert.All(s.Columns[1].Values, v => Assert.Equal(s.Rows / 10, v.Count))
        );
        var train = result.Statistics[0].Columns[0];
        // The training images' known moments, of which a tenth validates here.
        Assert.Equal(0.2860, train.Mean!.Value, 2);
        Assert.Equal(0.3530, train.StandardDeviation!.Value, 2);
        Assert.Equal((0.0, 1.0), (train.Minimum, train.Maximum));

        for (var round = 0; round < 3; round++)
        {
            watch.Restart();
            var rows = 0;
            foreach (var batch in _import.Read(result, "image", "label"))
                rows += batch.Rows;
            output.WriteLine($"read {watch.ElapsedMilliseconds} ms");
            Assert.Equal(70_000, rows);
        }
    }
}
