using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class PostgreSqlArtifactStoreTests(PostgresServer postgres) : ArtifactStoreContract
{
    private TestDatabase _db = null!;

    [Fact]
    public async Task Half_of_a_put_is_not_seen_by_others()
    {
        var seen = -1L;
        var source = new TricklingStream(Content(LargeBytes), 1 << 20)
        {
            OnRead = read =>
            {
                if (read >= 2 << 20 && seen < 0)
                    seen = CountChunks();
            },
        };

        await Store.PutAsync(source, Token);

        Assert.Equal(0, seen);
        Assert.Equal(4, CountChunks());
    }

    [Fact]
    public async Task A_chunk_that_is_missing_is_corrupt_naming_it()
    {
        var info = await PutAsync(Content(LargeBytes));
        await RunAsync("DELETE FROM oml_artifact_chunk WHERE ordinal = 2");

        var error = await Assert.ThrowsAsync<ArtifactCorruptException>(() => ReadAsync(info.Id));

        Assert.Contains("Chunk 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_goes_past_its_pages()
    {
        await RunAsync(
            "INSERT INTO oml_artifact SELECT encode(sha256(i::text::bytea), 'hex'), gen_random_uuid(), 0, 1048576, 0 FROM generate_series(1, 2500) AS i"
        );

        Assert.Equal(2500, (await ListAsync()).Select(info => info.Id).Distinct().Count());
    }

    [Fact]
    public async Task Reading_synchronously_gives_the_same()
    {
        var content = Content(LargeBytes);
        var info = await PutAsync(content);
        await using var stream = await Store.OpenReadAsync(info.Id, null, Token);
        var read = new byte[LargeBytes];

#pragma warning disable MA0042, CA1849 // What is tested.
        stream.ReadExactly(read);
#pragma warning restore MA0042, CA1849

        Assert.Equal(content, read);
    }

    public override async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async Task<IArtifactStore> CreateAsync()
    {
        _db = await TestDatabase.CreateAsync(DatabaseProvider.PostgreSql, postgres);
        return new PostgreSqlArtifactStore(_db.Get<Database>(), Time);
    }

    protected override Task DamageAsync(ArtifactId id, byte[] content) =>
        RunAsync(
            "UPDATE oml_artifact_chunk SET data = set_byte(data, 5, 255 - get_byte(data, 5)) WHERE ordinal = 1"
        );

    protected override async Task AssertNothingLeftAsync()
    {
        var rows = await _db.Get<Database>()
            .ExecuteAsync(
                "count",
                (connection, token) =>
                    connection.ScalarAsync(
                        "SELECT (SELECT count(*) FROM oml_artifact) + (SELECT count(*) FROM oml_artifact_chunk)",
                        token
                    ),
                Token
            );
        Assert.Equal(0L, rows);
    }

    private long CountChunks()
    {
        using var connection = _db.Get<Database>().DataSource.OpenConnection();
        using var command = connection.CreateCommand("SELECT count(*) FROM oml_artifact_chunk");
        return (long)command.ExecuteScalar()!;
    }

    private Task<int> RunAsync(string sql) =>
        _db.Get<Database>()
            .ExecuteAsync("test", (connection, token) => connection.RunAsync(sql, token), Token);
}
