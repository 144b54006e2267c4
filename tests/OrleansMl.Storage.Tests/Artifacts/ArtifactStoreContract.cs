using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

/// <summary>What every artifact store does.</summary>
public abstract class ArtifactStoreContract : IAsyncLifetime
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("oml-artifacts-").FullName;

    protected FakeTimeProvider Time { get; } =
        new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    protected IArtifactStore Store { get; private set; } = null!;

    /// <summary>Larger than one chunk, buffer or part of the store.</summary>
    protected virtual int LargeBytes => (3 << 20) + 12_345;

    /// <summary>Whether times come from the test's clock: a foreign server has its own.</summary>
    protected virtual bool UsesTestClock => true;

    public async ValueTask InitializeAsync() => Store = await CreateAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (Store is IDisposable disposable)
            disposable.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        await Task.CompletedTask;
    }

    public static TheoryData<int> Sizes => [0, 1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_put_is_found_listed_and_read_back(int bytes)
    {
        var content = Content(bytes);

        var info = await PutAsync(content);

        Assert.Equal(ArtifactId.Of(content), info.Id);
        Assert.Equal(bytes, info.Bytes);
        if (UsesTestClock)
            Assert.Equal(Time.GetUtcNow(), info.StoredAt);
        Assert.Equal(info, await Store.FindAsync(info.Id, Token));
        Assert.Equal([info], await ListAsync());
        Assert.Equal(content, await ReadAsync(info.Id));
    }

    [Fact]
    public async Task A_large_stream_that_gives_little_at_a_time_is_stored_whole()
    {
        var content = Content(LargeBytes);

        var info = await Store.PutAsync(new TricklingStream(content, 70_001), Token);

        Assert.Equal(ArtifactId.Of(content), info.Id);
        Assert.Equal(content, await ReadAsync(info.Id));
    }

    [Fact]
    public async Task A_range_is_a_slice_cut_at_the_end()
    {
        var content = Content(LargeBytes);
        var info = await PutAsync(content);
        (long Offset, long? Length)[] ranges =
        [
            (0, 10),
            (LargeBytes - 5, 100),
            (LargeBytes, null),
            (LargeBytes + 10L, 5),
            (7, 0),
            ((1 << 20) - 3, 6),
            (1 << 20, 1 << 20),
            (123, null),
            (100, (2 << 20) + 100),
        ];

        foreach (var (offset, length) in ranges)
        {
            var start = (int)Math.Min(offset, LargeBytes);
            var end = (int)Math.Min(start + (length ?? LargeBytes), LargeBytes);
            Assert.Equal(
                content[start..end],
                await ReadAsync(info.Id, new ArtifactRange(offset, length))
            );
        }
    }

    [Theory]
    [InlineData(-1L, null)]
    [InlineData(0L, -1L)]
    public async Task A_negative_range_is_refused(long offset, long? length)
    {
        var info = await PutAsync(Content(10));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Store.OpenReadAsync(info.Id, new ArtifactRange(offset, length), Token)
        );
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_naming_it()
    {
        var id = ArtifactId.Of(Content(3));

        Assert.Null(await Store.FindAsync(id, Token));
        Assert.False(await Store.DeleteAsync(id, Token));
        foreach (var range in new ArtifactRange?[] { null, new ArtifactRange(0, 1) })
        {
            var error = await Assert.ThrowsAsync<ArtifactNotFoundException>(async () =>
            {
                await using var stream = await Store.OpenReadAsync(id, range, Token);
            });
            Assert.Contains(id.Hex, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deleting_takes_one_artifact_and_says_so_once()
    {
        var kept = await PutAsync(Content(10));
        var gone = await PutAsync(Content(20));

        Assert.True(await Store.DeleteAsync(gone.Id, Token));

        Assert.False(await Store.DeleteAsync(gone.Id, Token));
        Assert.Null(await Store.FindAsync(gone.Id, Token));
        Assert.Equal([kept.Id], (await ListAsync()).Select(info => info.Id));
        Assert.Equal(Content(10), await ReadAsync(kept.Id));
        await PutAsync(Content(20));
        Assert.Equal(Content(20), await ReadAsync(gone.Id));
    }

    [Fact]
    public async Task The_same_content_put_many_times_at_once_is_one_artifact()
    {
        var content = Content(LargeBytes);

        var infos = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(() => PutAsync(content), Token))
        );

        Assert.Single(infos.Select(info => info.Id).Distinct());
        Assert.Single(await ListAsync());
        Assert.Equal(content, await ReadAsync(infos[0].Id));
        Assert.True(await Store.DeleteAsync(infos[0].Id, Token));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Putting_again_makes_an_artifact_young()
    {
        var info = await PutAsync(Content(10));
        Time.Advance(TimeSpan.FromDays(2));

        var again = await PutAsync(Content(10));

        if (UsesTestClock)
            Assert.Equal(Time.GetUtcNow(), again.StoredAt);
        Assert.True(again.StoredAt >= info.StoredAt);
        var expiry = Assert.IsAssignableFrom<IArtifactExpiry>(Store);
        Assert.False(await expiry.DeleteOlderAsync(info.Id, again.StoredAt, Token));
        Assert.Equal(Content(10), await ReadAsync(info.Id));
        Assert.True(await expiry.DeleteOlderAsync(info.Id, again.StoredAt.AddSeconds(1), Token));
        Assert.Null(await Store.FindAsync(info.Id, Token));
        Assert.False(await expiry.DeleteOlderAsync(info.Id, DateTimeOffset.MaxValue, Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData((2 << 20) + 5)]
    public async Task A_put_whose_source_breaks_leaves_nothing(int after)
    {
        var source = new TricklingStream(Content(LargeBytes), 100_000) { BreaksAfter = after };

        var error = await Assert.ThrowsAsync<IOException>(() => Store.PutAsync(source, Token));

        Assert.Equal(TricklingStream.Broken, error.Message);
        Assert.Empty(await ListAsync());
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_cancelled_put_leaves_nothing()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var source = new TricklingStream(Content(LargeBytes), 100_000)
        {
            OnRead = read =>
            {
                if (read > 1 << 20)
                    cancel.Cancel();
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.PutAsync(source, cancel.Token)
        );

        Assert.Empty(await ListAsync());
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_damaged_artifact_is_corrupt_before_its_end_and_whole_after_a_new_put()
    {
        var content = Content(LargeBytes);
        var info = await PutAsync(content);
        await DamageAsync(info.Id, content);

        var read = new MemoryStream();
        var error = await Assert.ThrowsAsync<ArtifactCorruptException>(async () =>
        {
            await using var stream = await Store.OpenReadAsync(info.Id, null, Token);
            await stream.CopyToAsync(read, Token);
        });

        Assert.Contains(info.Id.Hex, error.Message, StringComparison.Ordinal);
        Assert.True(read.Length < LargeBytes);
        await Store.DeleteAsync(info.Id, Token);
        await PutAsync(content);
        Assert.Equal(content, await ReadAsync(info.Id));
    }

    protected abstract Task<IArtifactStore> CreateAsync();

    /// <summary>Changes a byte of what is stored, behind the store's back.</summary>
    protected abstract Task DamageAsync(ArtifactId id, byte[] content);

    /// <summary>With no artifact stored, there are no bytes left in any corner.</summary>
    protected abstract Task AssertNothingLeftAsync();

    /// <summary>Bytes that depend on their number alone.</summary>
    protected static byte[] Content(int bytes)
    {
        var content = new byte[bytes];
        var random = new Random(bytes);
        random.NextBytes(content);
        return content;
    }

    protected Task<ArtifactInfo> PutAsync(byte[] content) =>
        Store.PutAsync(new MemoryStream(content), Token);

    protected async Task<byte[]> ReadAsync(ArtifactId id, ArtifactRange? range = null)
    {
        await using var stream = await Store.OpenReadAsync(id, range, Token);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    protected async Task<IReadOnlyList<ArtifactInfo>> ListAsync()
    {
        var list = new List<ArtifactInfo>();
        await foreach (var info in Store.ListAsync(Token))
            list.Add(info);
        return list;
    }

    /// <summary>Files below the test's folder.</summary>
    protected IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories);
}
