using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class CachedArtifactStoreTests : ArtifactStoreContract
{
    private CountingArtifactStore _remote = null!;

    private CachedArtifactStore Cached => (CachedArtifactStore)Store;

    private string CacheFolder => Path.Combine(Folder, "cache");

    [Fact]
    public async Task What_was_put_is_read_without_asking_the_remote_store()
    {
        var info = await PutAsync(Content(5000));

        Assert.Equal(Content(5000), await ReadAsync(info.Id));
        Assert.Equal(Content(5000)[10..20], await ReadAsync(info.Id, new ArtifactRange(10, 10)));

        Assert.Empty(_remote.Reads);
    }

    [Fact]
    public async Task Many_readers_of_one_missing_artifact_fetch_it_once()
    {
        var info = await _remote.PutAsync(new MemoryStream(Content(5000)), Token);
        var gate = new TaskCompletionSource();
        _remote.Gate = gate.Task;

        var reads = Enumerable.Range(0, 8).Select(_ => ReadAsync(info.Id)).ToArray();
        gate.SetResult();
        await Task.WhenAll(reads);

        Assert.All(reads, read => Assert.Equal(Content(5000), read.GetAwaiter().GetResult()));
        Assert.Single(_remote.Reads);
    }

    [Fact]
    public async Task A_reader_that_gives_up_does_not_end_the_fetch_of_the_others()
    {
        var info = await _remote.PutAsync(new MemoryStream(Content(5000)), Token);
        var gate = new TaskCompletionSource();
        _remote.Gate = gate.Task;
        using var impatient = new CancellationTokenSource();

        var first = Cached.AcquireAsync(info.Id, impatient.Token);
        var second = Cached.AcquireAsync(info.Id, Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();

        using var lease = await second;
        Assert.Equal(Content(5000), await File.ReadAllBytesAsync(lease.Path, Token));
        Assert.Single(_remote.Reads);
    }

    [Fact]
    public async Task A_range_of_what_is_not_cached_goes_to_the_remote_store_alone()
    {
        var info = await _remote.PutAsync(new MemoryStream(Content(5000)), Token);

        Assert.Equal(Content(5000)[10..20], await ReadAsync(info.Id, new ArtifactRange(10, 10)));

        Assert.Equal([(info.Id, new ArtifactRange(10, 10))], _remote.Reads);
        Assert.Equal(0, Cached.CachedBytes);
    }

    [Fact]
    public async Task Over_the_budget_the_longest_unused_goes_and_what_is_leased_stays()
    {
        var store = Open(budget: 3500);
        var a = await store.PutAsync(new MemoryStream(Content(1000)), Token);
        var b = await store.PutAsync(new MemoryStream(Content(1001)), Token);
        var c = await store.PutAsync(new MemoryStream(Content(1002)), Token);
        using var lease = await store.AcquireAsync(a.Id, Token);
        (await store.AcquireAsync(b.Id, Token)).Dispose();

        await store.PutAsync(new MemoryStream(Content(1003)), Token);
        await store.PutAsync(new MemoryStream(Content(1004)), Token);

        Assert.True(store.CachedBytes <= 3500);
        Assert.True(File.Exists(lease.Path));
        Assert.Equal([1000, 1003, 1004], CachedFiles().Select(file => file.Length).Order());
        Assert.Equal(Content(1002), await ReadFromAsync(store, c.Id));
    }

    [Fact]
    public async Task The_order_of_use_outlives_the_process()
    {
        var first = Open(budget: 3500);
        var ids = new List<ArtifactId>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await first.PutAsync(new MemoryStream(Content(1000 + i)), Token)).Id);
            Time.Advance(TimeSpan.FromMinutes(1));
        }
        (await first.AcquireAsync(ids[0], Token)).Dispose();

        var second = Open(budget: 3500);
        await second.PutAsync(new MemoryStream(Content(1003)), Token);

        Assert.Equal([1000, 1002, 1003], CachedFiles().Select(file => file.Length).Order());
    }

    [Fact]
    public async Task What_is_larger_than_the_budget_is_passed_through()
    {
        var store = Open(budget: 1000);
        var info = await store.PutAsync(new MemoryStream(Content(5000)), Token);

        Assert.Equal(Content(5000), await ReadFromAsync(store, info.Id));
        Assert.Equal(0, store.CachedBytes);

        using var lease = await store.AcquireAsync(info.Id, Token);
        Assert.Equal(Content(5000), await File.ReadAllBytesAsync(lease.Path, Token));
    }

    [Fact]
    public async Task A_damaged_cached_file_is_fetched_anew()
    {
        var content = Content(5000);
        var info = await PutAsync(content);
        await DamageAsync(info.Id, content);
        await Assert.ThrowsAsync<ArtifactCorruptException>(() => ReadAsync(info.Id));

        Assert.Equal(content, await ReadAsync(info.Id));
        Assert.Single(_remote.Reads);
    }

    [Fact]
    public async Task A_damaged_remote_artifact_is_corrupt_and_not_cached()
    {
        var content = Content(5000);
        var info = await _remote.PutAsync(new MemoryStream(content), Token);
        await DamageFileAsync(Path.Combine(Folder, "remote"), info.Id);

        await Assert.ThrowsAsync<ArtifactCorruptException>(() =>
            Cached.AcquireAsync(info.Id, Token)
        );

        Assert.Empty(CachedFiles());
    }

    [Fact]
    public async Task Deleting_takes_the_cached_file_too()
    {
        var info = await PutAsync(Content(5000));

        await Store.DeleteAsync(info.Id, Token);

        Assert.Empty(CachedFiles());
        Assert.Equal(0, Cached.CachedBytes);
        await Assert.ThrowsAsync<ArtifactNotFoundException>(() =>
            Cached.AcquireAsync(info.Id, Token)
        );
    }

    protected override Task<IArtifactStore> CreateAsync()
    {
        _remote = new CountingArtifactStore(Local("remote"));
        return Task.FromResult<IArtifactStore>(Open(budget: 1 << 30));
    }

    protected override Task DamageAsync(ArtifactId id, byte[] content) =>
        DamageFileAsync(CacheFolder, id);

    protected override Task AssertNothingLeftAsync()
    {
        Assert.Empty(Files());
        return Task.CompletedTask;
    }

    private static async Task DamageFileAsync(string root, ArtifactId id)
    {
        var path = Path.Combine(root, "objects", id.Hex[..2], id.Hex);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var old = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)~old);
    }

    private static async Task<byte[]> ReadFromAsync(CachedArtifactStore store, ArtifactId id)
    {
        await using var stream = await store.OpenReadAsync(id, null, Token);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    private IEnumerable<FileInfo> CachedFiles() =>
        new DirectoryInfo(CacheFolder).EnumerateFiles("*", SearchOption.AllDirectories);

    private CachedArtifactStore Open(long budget) =>
        new(_remote, Local("cache"), budget, NullLogger<CachedArtifactStore>.Instance);

    private LocalArtifactStore Local(string name) =>
        new(Path.Combine(Folder, name), Time, NullLogger<LocalArtifactStore>.Instance);
}
