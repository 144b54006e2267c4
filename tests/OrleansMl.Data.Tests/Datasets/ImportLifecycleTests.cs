using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;
using OrleansMl.Data.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class ImportLifecycleTests : IDisposable
{
    private readonly Import _import = new();

    public ImportLifecycleTests()
    {
        _import.Options.TemporaryDirectory = Path.Combine(
            _import.Artifacts.Directory_,
            "temporary"
        );
        _import.Options.MaxRowsPerBatch = 10;
        _import.Options.MaxRowsPerShard = 10;
    }

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task Progress_is_told_and_ends_at_all_rows_and_bytes()
    {
        var told = new Told();
        var file = Numbers(95);
        await _import.RunAsync(new DatasetImportRequest { Name = "d", Files = [file] }, told);
        Assert.Equal(10, told.All.Count);
        var bytes = new FileInfo(file.Path).Length;
        Assert.Equal(new DatasetImportProgress(95, bytes, bytes), told.All[^1]);
        Assert.Equal(told.All.OrderBy(p => p.Rows), told.All);
    }

    [Fact]
    public async Task Reading_runs_on_a_thread_of_its_own()
    {
        var told = new Told();
        await _import.RunAsync(new DatasetImportRequest { Name = "d", Files = [Numbers(5)] }, told);
        Assert.False(told.OnPool);
    }

    [Fact]
    public async Task A_store_that_is_slow_holds_the_reader_back()
    {
        var open = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        _import.Artifacts.BeforePut = () =>
        {
            reached.TrySetResult();
            return open.Task;
        };
        var told = new Told();
        var importing = _import.RunAsync(
            new DatasetImportRequest { Name = "d", Files = [Numbers(1000)] },
            told
        );
        await reached.Task;
        // One shard at the store, one waiting for it, one that found no room: never the whole file.
        Assert.InRange(told.All.Count, 1, _import.Options.MaxShardsInFlight + 2);
        open.SetResult();
        var result = await importing;
        Assert.Equal(100, result.Shards.Count);
    }

    [Fact]
    public async Task A_store_that_fails_fails_the_import_and_leaves_nothing_behind()
    {
        _import.Artifacts.BeforePut = () => throw new IOException("No space left on device");
        var error = await Assert.ThrowsAsync<IOException>(() => _import.RunAsync(Numbers(1000)));
        Assert.Equal("No space left on device", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_import.Options.TemporaryDirectory!));
    }

    [Fact]
    public async Task A_cancelled_import_stops_and_leaves_nothing_behind()
    {
        using var cancel = new CancellationTokenSource();
        var told = new Told(_ => cancel.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new DatasetImporter(_import.Artifacts, Options.Create(_import.Options)).ImportAsync(
                new DatasetImportRequest { Name = "d", Files = [Numbers(1000)] },
                told,
                cancel.Token
            )
        );
        Assert.InRange(told.All.Count, 1, 2);
        Assert.Empty(Directory.GetFileSystemEntries(_import.Options.TemporaryDirectory!));
    }

    [Fact]
    public async Task What_a_killed_import_left_is_swept_and_what_a_living_one_has_is_not()
    {
        var parent = _import.Options.TemporaryDirectory!;
        var left = Directory.CreateDirectory(Path.Combine(parent, "oml-import-killed"));
        await File.WriteAllTextAsync(
            Path.Combine(left.FullName, "0.parquet"),
            "x",
            TestContext.Current.CancellationToken
        );
        using (var living = new ImportDirectory(parent))
        {
            Assert.False(left.Exists && Directory.Exists(left.FullName));
            await _import.RunAsync(Numbers(50));
            Assert.Equal([living.Path], Directory.GetDirectories(parent));
        }
        Assert.Empty(Directory.GetFileSystemEntries(parent));
    }

    [Fact]
    public async Task A_preview_shows_rows_across_shards()
    {
        var result = await _import.RunAsync(
            _import.File("i", Idx.Images(25, 2, 2)),
            _import.File("l", Idx.Labels(25))
        );
        var manifest = Import.Commit(result);
        var preview = new ShardPreview(_import.Artifacts);
        var page = await preview.ReadAsync(manifest, 8, 4, TestContext.Current.CancellationToken);
        Assert.Equal([8, 9, 0, 1], page.Rows.Select(r => r.Values["label"].GetInt32()));
        var pixels = (byte[])_import.Rows(result)[9][0]!;
        Assert.Equal(
            $"[[[{pixels[0]}],[{pixels[1]}]],[[{pixels[2]}],[{pixels[3]}]]]",
            page.Rows[1].Values["image"].GetRawText()
        );
        Assert.Equal(DatasetSplits.Names[(byte)_import.Rows(result)[9][^1]!], page.Rows[1].Split);
        Assert.Single(
            (await preview.ReadAsync(manifest, 24, 100, TestContext.Current.CancellationToken)).Rows
        );
        Assert.Empty(
            (await preview.ReadAsync(manifest, 25, 1, TestContext.Current.CancellationToken)).Rows
        );
    }

    [Fact]
    public async Task A_preview_shows_every_kind_and_missing_values()
    {
        var result = await _import.RunAsync(_import.File("t.csv", "a,n,b,t\n1,2.5,true,x\n,,,\n"));
        var rows = (
            await new ShardPreview(_import.Artifacts).ReadAsync(
                Import.Commit(result),
                0,
                100,
                TestContext.Current.CancellationToken
            )
        ).Rows;
        Assert.Equal(
            ["1", "2.5", "true", "\"x\""],
            rows[0].Values.Values.Select(v => v.GetRawText())
        );
        Assert.Equal(
            ["null", "null", "null", "null"],
            rows[1].Values.Values.Select(v => v.GetRawText())
        );
    }

    [Theory]
    [InlineData(-1, 1, "offset: expected 0 or more, got -1.")]
    [InlineData(0, 0, "rows: expected 1 to 100, got 0.")]
    [InlineData(0, 101, "rows: expected 1 to 100, got 101.")]
    public async Task A_preview_out_of_range_is_refused(long offset, int rows, string expected)
    {
        var manifest = Import.Commit(await _import.RunAsync(Numbers(5)));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            new ShardPreview(_import.Artifacts).ReadAsync(
                manifest,
                offset,
                rows,
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public async Task Columns_are_read_in_the_asked_order_and_unknown_ones_refused()
    {
        var result = await _import.RunAsync(_import.File("t.csv", "a,b\n1,x\n"));
        var batch = Assert.Single(_import.Read(result, "b", "a"));
        Assert.Equal("x", batch.Columns[0].Texts![0]);
        Assert.Equal(1, batch.Columns[1].Integers![0]);
        Assert.Equal(
            "The dataset has no column 'q'; it has 'a', 'b'.",
            Assert.Throws<InvalidInputException>(() => _import.Read(result, "q").ToList()).Message
        );
    }

    [Fact]
    public void Registration_resolves_and_names_the_keys_of_wrong_options()
    {
        using var services = new ServiceCollection()
            .AddOrleansMlData(o => o.MaxRowsPerShard = 0)
            .AddSingleton<IArtifactStore>(_import.Artifacts)
            .AddSingleton<ILocalArtifacts>(_import.Artifacts)
            .BuildServiceProvider();
        Assert.NotNull(services.GetRequiredService<IDatasetReader>());
        Assert.NotNull(services.GetRequiredService<IDatasetImporter>());
        Assert.NotNull(services.GetRequiredService<IDatasetPreview>());
        var error = Assert.Throws<OptionsValidationException>(() =>
            services.GetRequiredService<IOptions<DataOptions>>().Value
        );
        Assert.Equal("Data:MaxRowsPerShard: expected 1 or more, got 0.", error.Message);
    }

    private DatasetSourceFile Numbers(int rows) =>
        _import.File(
            "t.csv",
            "a\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{i}\n"))
        );

    private sealed class Told(Action<DatasetImportProgress>? then = null)
        : IProgress<DatasetImportProgress>
    {
        public List<DatasetImportProgress> All { get; } = [];

        public bool OnPool { get; private set; }

        public void Report(DatasetImportProgress value)
        {
            lock (All)
                All.Add(value);
            OnPool |= Thread.CurrentThread.IsThreadPoolThread;
            then?.Invoke(value);
        }
    }
}
