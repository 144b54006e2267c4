using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class PeerArtifactStoreTests : ArtifactStoreContract
{
    private readonly PeerArtifactOptions _options = new() { Secret = "a secret of the cluster" };
    private readonly PeerList _peers = new();
    private PeerSilo _first = null!;
    private PeerSilo _second = null!;

    private PeerArtifactStore Peers => (PeerArtifactStore)Store;

    [Fact]
    public async Task What_only_another_silo_has_is_fetched_once_and_kept()
    {
        var content = Content(LargeBytes);
        var info = await _second.Store.PutAsync(new MemoryStream(content), Token);

        var found = await Store.FindAsync(info.Id, Token);
        var reads = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(info.Id), Token))
        );

        Assert.Equal(info, found);
        Assert.All(reads, read => Assert.Equal(content, read));
        Assert.Equal([info.Id], (await ListAsync()).Select(kept => kept.Id));
        await _second.DisposeAsync();
        Assert.Equal(content, await ReadAsync(info.Id));
        using var lease = await Peers.AcquireAsync(info.Id, Token);
        Assert.Equal(content, await File.ReadAllBytesAsync(lease.Path, Token));
    }

    [Fact]
    public async Task A_range_is_fetched_alone()
    {
        var content = Content(LargeBytes);
        var info = await _second.Store.PutAsync(new MemoryStream(content), Token);

        Assert.Equal(content[1000..3000], await ReadAsync(info.Id, new ArtifactRange(1000, 2000)));
        Assert.Equal(
            content[^10..],
            await ReadAsync(info.Id, new ArtifactRange(LargeBytes - 10, null))
        );
        Assert.Empty(await ReadAsync(info.Id, new ArtifactRange(LargeBytes, null)));

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_silo_that_breaks_off_is_replaced_by_the_next()
    {
        var content = Content(LargeBytes);
        var info = await _first.Store.PutAsync(new MemoryStream(content), Token);
        await _second.Store.PutAsync(new MemoryStream(content), Token);
        _first.BreaksAfter = 100_000;

        Assert.Equal(content[..200_000], await ReadAsync(info.Id, new ArtifactRange(0, 200_000)));
        Assert.Equal(content, await ReadAsync(info.Id));

        Assert.Equal(2, _second.Requests);
    }

    [Fact]
    public async Task A_silo_with_damaged_bytes_is_replaced_by_the_next()
    {
        var content = Content(LargeBytes);
        var info = await _first.Store.PutAsync(new MemoryStream(content), Token);
        await _second.Store.PutAsync(new MemoryStream(content), Token);
        await DamageFileAsync("first", info.Id);

        Assert.Equal(content, await ReadAsync(info.Id));
    }

    [Fact]
    public async Task A_damaged_file_here_is_fetched_anew()
    {
        var content = Content(5000);
        var info = await PutAsync(content);
        await _first.Store.PutAsync(new MemoryStream(content), Token);
        await DamageAsync(info.Id, content);
        await Assert.ThrowsAsync<ArtifactCorruptException>(() => ReadAsync(info.Id));

        Assert.Equal(content, await ReadAsync(info.Id));
    }

    [Fact]
    public async Task When_a_silo_that_may_have_it_is_away_it_is_unavailable_rather_than_not_found()
    {
        var info = await _second.Store.PutAsync(new MemoryStream(Content(10)), Token);
        var address = _second.Address;
        await _second.DisposeAsync();

        var error = await Assert.ThrowsAsync<UnavailableException>(() => ReadAsync(info.Id));

        Assert.Contains(address.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_gets_nothing()
    {
        var info = await _second.Store.PutAsync(new MemoryStream(Content(10)), Token);
        using var stranger = Open(
            "stranger",
            new PeerArtifactOptions { Secret = "another secret, as long" }
        );

        var error = await Assert.ThrowsAsync<UnavailableException>(() =>
            stranger.AcquireAsync(info.Id, Token)
        );

        Assert.Contains("401", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer ")]
    [InlineData("Bearer a secret of the cluste")]
    [InlineData("Basic a secret of the cluster")]
    public async Task A_request_without_the_secret_is_refused(string? authorization)
    {
        var info = await _first.Store.PutAsync(new MemoryStream(Content(10)), Token);
        var responder = new ArtifactPeerResponder(_first.Store, _options);

        await using var answer = await responder.AnswerAsync(
            info.Id.Hex,
            authorization,
            null,
            Token
        );

        Assert.Equal(401, answer.Status);
        Assert.Null(answer.Body);
    }

    [Fact]
    public async Task Without_a_secret_nobody_is_answered()
    {
        var info = await _first.Store.PutAsync(new MemoryStream(Content(10)), Token);
        var responder = new ArtifactPeerResponder(_first.Store, new PeerArtifactOptions());

        await using var answer = await responder.AnswerAsync(info.Id.Hex, "Bearer ", null, Token);

        Assert.Equal(401, answer.Status);
    }

    [Theory]
    [InlineData("../../etc/passwd", null, 400)]
    [InlineData("ABC", null, 400)]
    [InlineData(null, null, 200)]
    [InlineData(null, "bytes=0-3", 206)]
    [InlineData(null, "bytes=-3", 206)]
    [InlineData(null, "bytes=10-", 416)]
    [InlineData(null, "lines=1-2", 200)]
    [InlineData(null, "bytes=0-1,4-5", 200)]
    public async Task Ids_and_ranges_are_checked(string? id, string? range, int status)
    {
        var info = await _first.Store.PutAsync(new MemoryStream(Content(10)), Token);
        var responder = new ArtifactPeerResponder(_first.Store, _options);

        await using var answer = await responder.AnswerAsync(
            id ?? info.Id.Hex,
            $"Bearer {_options.Secret}",
            range,
            Token
        );

        Assert.Equal(status, answer.Status);
    }

    public override async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async Task<IArtifactStore> CreateAsync()
    {
        _first = await PeerSilo.StartAsync(Path.Combine(Folder, "first"), _options, Time);
        _second = await PeerSilo.StartAsync(Path.Combine(Folder, "second"), _options, Time);
        _peers.Addresses = [_first.Address, _second.Address];
        return Open("own", _options);
    }

    protected override Task DamageAsync(ArtifactId id, byte[] content) =>
        DamageFileAsync("own", id);

    protected override Task AssertNothingLeftAsync()
    {
        Assert.Empty(Files());
        return Task.CompletedTask;
    }

    private async Task DamageFileAsync(string silo, ArtifactId id)
    {
        var path = Path.Combine(Folder, silo, "objects", id.Hex[..2], id.Hex);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var old = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)~old);
    }

    private PeerArtifactStore Open(string name, PeerArtifactOptions options) =>
        new(
            new LocalArtifactStore(
                Path.Combine(Folder, name),
                Time,
                NullLogger<LocalArtifactStore>.Instance
            ),
            _peers,
            new HttpClient(),
            options,
            Time,
            NullLogger<PeerArtifactStore>.Instance
        );

    private sealed class PeerList : IArtifactPeers
    {
        public IReadOnlyList<Uri> Addresses { get; set; } = [];

        public Task<IReadOnlyList<Uri>> GetAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Addresses);
    }
}
