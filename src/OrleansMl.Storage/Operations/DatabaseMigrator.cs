using System.Data.Common;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;

namespace OrleansMl.Storage.Operations;

/// <inheritdoc/>
internal sealed partial class DatabaseMigrator(
    Database database,
    TimeProvider time,
    ILogger<DatabaseMigrator> logger
) : IDatabaseMigrator
{
    /// <summary>Seconds for one migration: an index over a large table takes its time.</summary>
    private const int MigrationTimeoutSeconds = 600;

    public Task<int> MigrateAsync(CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "migrate",
            async (connection, token) =>
            {
                await database.PrepareAsync(connection, token);
                await using var transaction = await connection.BeginTransactionAsync(token);
                await database.LockMigrationsAsync(connection, token);
                var applied = await ApplyAsync(connection, token);
                await WriteOrleansQueriesAsync(connection, token);
                await transaction.CommitAsync(token);
                return applied;
            },
            cancellationToken
        );

    private async Task<int> ApplyAsync(DbConnection connection, CancellationToken token)
    {
        await connection.RunAsync(
            "CREATE TABLE IF NOT EXISTS oml_migration (version integer NOT NULL PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_ticks bigint NOT NULL)",
            token
        );
        var before = (
            await connection.QueryAsync(
                "SELECT version, name, sha256 FROM oml_migration",
                row => (Version: row.GetInt32(0), Name: row.GetString(1), Sha256: row.GetString(2)),
                token
            )
        ).ToDictionary(row => row.Version);
        var migrations = SqlResources.Migrations(database.SqlFolder);
        if (before.Keys.FirstOrDefault(v => v > migrations[^1].Version) is var newer and > 0)
            throw new ConflictException(
                $"The database {database.Location} is at schema version {newer}, this build knows up to {migrations[^1].Version}: start a newer build."
            );

        var applied = 0;
        foreach (var migration in migrations)
        {
            if (before.TryGetValue(migration.Version, out var row))
            {
                if (row.Sha256 != migration.Sha256)
                    throw new ConflictException(
                        $"Migration {migration.Version} ({row.Name}) of the database {database.Location} differs from this build's: expected digest {migration.Sha256}, found {row.Sha256}. Start the build that made the database, or restore a backup."
                    );
                continue;
            }
            await using var command = connection.CreateCommand(migration.Sql);
            command.CommandTimeout = MigrationTimeoutSeconds;
            await command.ExecuteNonQueryAsync(token);
            await connection.RunAsync(
                "INSERT INTO oml_migration (version, name, sha256, applied_ticks) VALUES (@version, @name, @sha256, @ticks)",
                token,
                ("version", migration.Version),
                ("name", migration.Name),
                ("sha256", migration.Sha256),
                ("ticks", time.GetUtcNow().UtcTicks)
            );
            LogApplied(migration.Version, migration.Name, database.Location);
            applied++;
        }
        return applied;
    }

    /// <summary>The queries are code rather than data, so they follow the build; silos read them at their start.</summary>
    private async Task WriteOrleansQueriesAsync(DbConnection connection, CancellationToken token)
    {
        foreach (var (key, text) in SqlResources.OrleansQueries(database.SqlFolder))
        {
            await connection.RunAsync(
                "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text) ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText",
                token,
                ("key", key),
                ("text", text)
            );
        }
    }

    [LoggerMessage(
        EventId = 4002,
        Level = LogLevel.Information,
        Message = "Applied migration {Version} ({Name}) to {Location}"
    )]
    private partial void LogApplied(int version, string name, string location);
}
