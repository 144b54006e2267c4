using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class DatabaseMigratorTests(PostgresServer postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task Silos_that_migrate_at_once_apply_each_migration_once(
        DatabaseProvider provider
    )
    {
        await using var db = await TestDatabase.CreateAsync(provider, postgres, migrate: false);
        var silos = Enumerable.Range(0, 8).Select(_ => db.Build()).ToArray();

        var applied = await Task.WhenAll(
            silos.Select(silo =>
                Task.Run(
                    () => silo.GetRequiredService<IDatabaseMigrator>().MigrateAsync(Token),
                    Token
                )
            )
        );

        var expected = SqlResources.Migrations(db.Get<Database>().SqlFolder).Count;
        Assert.Equal(expected, applied.Sum());
        Assert.Equal(expected, applied.Max());
        Assert.Equal(0, await db.Get<IDatabaseMigrator>().MigrateAsync(Token));
        foreach (var silo in silos)
            await silo.DisposeAsync();
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task A_changed_migration_is_refused_naming_it(DatabaseProvider provider)
    {
        await using var db = await TestDatabase.CreateAsync(provider, postgres);
        await RunAsync(db, "UPDATE oml_migration SET sha256 = 'other' WHERE version = 2");

        var error = await Assert.ThrowsAsync<ConflictException>(() =>
            db.Get<IDatabaseMigrator>().MigrateAsync(Token)
        );

        Assert.Contains("Migration 2 (catalogue)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task A_database_of_a_newer_build_is_refused_and_left_alone(
        DatabaseProvider provider
    )
    {
        await using var db = await TestDatabase.CreateAsync(provider, postgres);
        await RunAsync(db, "INSERT INTO oml_migration VALUES (999, 'later', 'x', 0)");
        await RunAsync(db, "DELETE FROM OrleansQuery");

        var error = await Assert.ThrowsAsync<ConflictException>(() =>
            db.Get<IDatabaseMigrator>().MigrateAsync(Token)
        );

        Assert.Contains("999", error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await CountAsync(db, "SELECT count(*) FROM OrleansQuery"));
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task A_migration_brings_an_older_builds_queries_up_to_date(
        DatabaseProvider provider
    )
    {
        await using var db = await TestDatabase.CreateAsync(provider, postgres);
        await RunAsync(db, "UPDATE OrleansQuery SET QueryText = 'SELECT 0'");

        await db.Get<IDatabaseMigrator>().MigrateAsync(Token);

        Assert.Equal(
            0L,
            await CountAsync(db, "SELECT count(*) FROM OrleansQuery WHERE QueryText = 'SELECT 0'")
        );
    }

    [Fact]
    public void Both_databases_have_the_same_queries_and_none_is_empty()
    {
        var sqlite = SqlResources.OrleansQueries("Sqlite");
        var postgreSql = SqlResources.OrleansQueries("PostgreSql");

        Assert.Equal(21, sqlite.Count);
        Assert.Equal(sqlite.Keys.Order(), postgreSql.Keys.Order());
        Assert.All(sqlite.Values.Concat(postgreSql.Values), text => Assert.EndsWith(";", text));
    }

    [Fact]
    public async Task Sqlite_is_in_wal_mode()
    {
        await using var db = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite, postgres);

        var mode = await db.Get<Database>()
            .ExecuteAsync(
                "read the mode",
                (connection, token) => connection.ScalarAsync("PRAGMA journal_mode", token),
                Token
            );

        Assert.Equal("wal", mode);
    }

    private static Task<int> RunAsync(TestDatabase db, string sql) =>
        db.Get<Database>()
            .ExecuteAsync("test", (connection, token) => connection.RunAsync(sql, token), Token);

    private static Task<object?> CountAsync(TestDatabase db, string sql) =>
        db.Get<Database>()
            .ExecuteAsync("test", (connection, token) => connection.ScalarAsync(sql, token), Token);
}
