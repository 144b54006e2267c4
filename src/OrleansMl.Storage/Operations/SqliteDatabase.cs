using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace OrleansMl.Storage.Operations;

/// <summary>
/// SQLite through Microsoft.Data.Sqlite, in WAL mode with full synchronization: a commit is on the disk. A transaction
/// begins with BEGIN IMMEDIATE, so it waits for its turn (the default timeout) and never fails half-way for a lock.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private const int BusyTimeoutSeconds = 30;

    public SqliteDatabase(string connectionString, DatabaseRetry retry)
        : base(retry)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        builder.DataSource = Path.GetFullPath(builder.DataSource);
        if (!connectionString.Contains("Timeout", StringComparison.OrdinalIgnoreCase))
            builder.DefaultTimeout = BusyTimeoutSeconds;
        Location = builder.DataSource;
        DataSource = SqliteFactory.Instance.CreateDataSource(builder.ConnectionString);
    }

    /// <summary>Orleans' name for SQLite; it loads Microsoft.Data.Sqlite under it.</summary>
    public override string Invariant => "System.Data.SQLite";

    public override string SqlFolder => "Sqlite";

    public override DbDataSource DataSource { get; }

    public override string Location { get; }

    public override string InJsonArray(string column, string parameter) =>
        $"{column} IN (SELECT value FROM json_each({parameter}))";

    // "WHERE true" keeps the parser from taking a following ON for a join's.
    public override string SelectFromJsonArray(string expression, string parameter) =>
        $"SELECT {expression}, value FROM json_each({parameter}) WHERE true";

    /// <summary>A transaction holds the one write lock anyway.</summary>
    public override string LockRow(string select) => select;

    public override async Task PrepareAsync(
        DbConnection connection,
        CancellationToken cancellationToken
    )
    {
        // WAL is a property of the file: one writer and many readers don't wait for each other.
        await connection.ScalarAsync("PRAGMA journal_mode = WAL", cancellationToken);
    }

    /// <summary>The transaction's BEGIN IMMEDIATE is the lock.</summary>
    public override Task LockMigrationsAsync(
        DbConnection connection,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        await using (var connection = (SqliteConnection)DataSource.CreateConnection())
            SqliteConnection.ClearPool(connection);
        await base.DisposeAsync();
    }
}
