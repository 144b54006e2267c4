using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class LocalArtifactStoreTests : ArtifactStoreContract
{
    private LocalArtifactStore Local => (LocalArtifactStore)Store;

    private string Objects => Path.Combine(Folder, "objects");

    private string Staging => Path.Combine(Folder, "staging");

    [Fact]
    public async Task A_write_that_a_crash_interrupted_is_swept_at_the_next_start()
    {
        var left = Path.Combine(Staging, "left.tmp");
        var live = Path.Combine(Staging, "live.tmp");
        await File.WriteAllTextAsync(left, "half", Token);
        await using var writer = new FileStream(
            live,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None
        );

        Open(Folder);

        Assert.False(File.Exists(left));
        Assert.True(File.Exists(live));
    }

    [Fact]
    public async Task A_full_disk_is_an_error_that_names_place_and_bytes_and_leaves_nothing()
    {
        var disk = Path.Combine(Folder, "disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(
            await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk) == 0,
            "Only root can mount a small disk."
        );
        try
        {
            var store = Open(disk);
            var small = await store.PutAsync(new MemoryStream(Content(1000)), Token);

            var error = await Assert.ThrowsAsync<IOException>(() =>
                store.PutAsync(new TricklingStream(Content(2 << 20), 100_000), Token)
            );

            Assert.Contains(disk, error.Message, StringComparison.Ordinal);
            Assert.Matches("at [1-9][0-9]* bytes", error.Message);
            Assert.Matches("has [0-9]+ bytes free", error.Message);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(disk, "staging")));
            Assert.Equal(small, await store.FindAsync(small.Id, Token));
            var fits = await store.PutAsync(new MemoryStream(Content(500_000)), Token);
            Assert.Equal(500_000, fits.Bytes);
        }
        finally
        {
            await RunAsync("umount", disk);
        }
    }

    [Fact]
    public async Task A_leased_file_is_read_only_stays_through_a_delete_and_goes_with_its_last_lease()
    {
        var content = Content(5000);
        var info = await PutAsync(content);
        var first = await Local.AcquireAsync(info.Id, Token);
        var second = await Local.AcquireAsync(info.Id, Token);
        Assert.Equal(first.Path, second.Path);
        Assert.True(File.GetAttributes(first.Path).HasFlag(FileAttributes.ReadOnly));

        Assert.False(await Local.DeleteOlderAsync(info.Id, DateTimeOffset.MaxValue, Token));
        Assert.True(await Store.DeleteAsync(info.Id, Token));
        Assert.Null(await Store.FindAsync(info.Id, Token));
        Assert.Empty(await ListAsync());
        first.Dispose();
        first.Dispose();
        Assert.Equal(content, await File.ReadAllBytesAsync(second.Path, Token));

        second.Dispose();
        Assert.False(File.Exists(second.Path));
    }

    [Fact]
    public async Task A_put_under_a_delete_that_waits_for_a_lease_keeps_the_bytes()
    {
        var info = await PutAsync(Content(5000));
        var lease = await Local.AcquireAsync(info.Id, Token);
        await Store.DeleteAsync(info.Id, Token);

        await PutAsync(Content(5000));
        lease.Dispose();

        Assert.Equal(Content(5000), await ReadAsync(info.Id));
    }

    [Fact]
    public async Task A_damaged_file_is_not_leased()
    {
        var content = Content(5000);
        var info = await PutAsync(content);
        await DamageAsync(info.Id, content);

        await Assert.ThrowsAsync<ArtifactCorruptException>(() =>
            Open(Folder).AcquireAsync(info.Id, Token)
        );
    }

    [Fact]
    public async Task A_file_cut_short_is_corrupt()
    {
        var info = await PutAsync(Content(5000));
        var path = PathOf(info.Id);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
            file.SetLength(4999);

        await Assert.ThrowsAsync<ArtifactCorruptException>(() => ReadAsync(info.Id));
    }

    [Fact]
    public async Task A_new_put_heals_a_damaged_file_while_a_reader_keeps_the_old_one()
    {
        var content = Content(LargeBytes);
        var info = await PutAsync(content);
        await DamageAsync(info.Id, content);
        await using var reader = await Store.OpenReadAsync(info.Id, null, Token);

        await PutAsync(content);

        Assert.Equal(content, await ReadAsync(info.Id));
        await Assert.ThrowsAsync<ArtifactCorruptException>(() =>
            reader.CopyToAsync(Stream.Null, Token)
        );
    }

    [Fact]
    public async Task A_foreign_file_in_the_folder_is_passed_over()
    {
        var info = await PutAsync(Content(10));
        await File.WriteAllTextAsync(Path.Combine(Objects, "README"), "not ours", Token);

        Assert.Equal([info], await ListAsync());
    }

    protected override Task<IArtifactStore> CreateAsync() =>
        Task.FromResult<IArtifactStore>(Open(Folder));

    protected override async Task DamageAsync(ArtifactId id, byte[] content)
    {
        await using var file = new FileStream(PathOf(id), FileMode.Open, FileAccess.Write);
        file.Position = content.Length / 2;
        file.WriteByte((byte)~content[content.Length / 2]);
    }

    protected override Task AssertNothingLeftAsync()
    {
        Assert.Empty(Files());
        return Task.CompletedTask;
    }

    private static async Task<int> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(command, arguments)
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private LocalArtifactStore Open(string path) =>
        new(path, Time, NullLogger<LocalArtifactStore>.Instance);

    private string PathOf(ArtifactId id) => Path.Combine(Objects, id.Hex[..2], id.Hex);
}
