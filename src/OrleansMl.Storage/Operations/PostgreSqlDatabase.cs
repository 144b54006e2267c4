using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace OrleansMl.Storage.Operations;

/// <summary>PostgreSQL through Npgsql.</summary>
internal sealed class PostgreSqlDatabase : Database
{
    /// <summary>The advisory lock of migrations: "OrleansM" in ASCII.</summary>
    private const long MigrationLock = 0x4F726C65616E734D;

    private const string AdminShutdown = "57P01";
    private const string CrashShutdown = "57P02";

    // How soon a listener notices that its server is gone without a word.
    private const int KeepAliveSeconds = 10;

    private readonly NpgsqlDataSource _dataSource;
    private readonly string? _password;

    public PostgreSqlDatabase(
        string connectionString,
        TimeSpan idleTransaction,
        DatabaseRetry retry
    )
        : base(retry)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        // Set by every session for itself, before what the operator's own options say, which so win.
        builder.Options = string.Create(
            CultureInfo.InvariantCulture,
            $"-c idle_in_transaction_session_timeout={idleTransaction.TotalMilliseconds:F0} {builder.Options}"
        );
        Location = $"{builder.Host}:{builder.Port}/{builder.Database}";
        // A data source keeps the password to itself.
        _password = builder.Password;
        _dataSource = NpgsqlDataSource.Create(builder);
    }

    public override string Invariant => "Npgsql";

    public override string SqlFolder => "PostgreSql";

    public override DbDataSource DataSource => _dataSource;

    public override string Location { get; }

    public override string InJsonArray(string column, string parameter) =>
        $"{column} IN (SELECT json_array_elements_text({parameter}::json))";

    public override string SelectFromJsonArray(string expression, string parameter) =>
        $"SELECT {expression}, json_array_elements_text({parameter}::json)";

    public override string LockRow(string select) => $"{select} FOR UPDATE";

    public override Task NotifyAsync(
        DbConnection connection,
        string topic,
        CancellationToken cancellationToken
    ) =>
        connection.ScalarAsync(
            "SELECT pg_notify('oml_events', @topic)",
            cancellationToken,
            ("topic", topic)
        );

    public override async Task ListenAsync(
        Action listening,
        Action<string> heard,
        CancellationToken cancellationToken
    )
    {
        // One of its own, with keep-alive: a pooled connection would hand its notifications to whoever gets it next.
        var builder = new NpgsqlConnectionStringBuilder(_dataSource.ConnectionString)
        {
            Pooling = false,
            KeepAlive = KeepAliveSeconds,
            Password = _password,
        };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        connection.Notification += (_, notification) => heard(notification.Payload);
        await connection.RunAsync("LISTEN oml_events", cancellationToken);
        listening();
        while (true)
            await connection.WaitAsync(cancellationToken);
    }

    public override Task PrepareAsync(
        DbConnection connection,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            await connection.ScalarAsync("SELECT 1", cancellationToken);
            return connection;
        }
        catch (DbException e)
        {
            OnFailed(connection, e);
            await connection.DisposeAsync();
            throw;
        }
    }

    protected override void OnFailed(DbConnection connection, DbException error)
    {
        // A deadlock is one statement's matter; anything else that is worth repeating took the server or the network
        // with it, and so every pooled connection.
        if (error is not PostgresException { SqlState: not (AdminShutdown or CrashShutdown) })
            NpgsqlConnection.ClearPool((NpgsqlConnection)connection);
    }

    public override async Task LockMigrationsAsync(
        DbConnection connection,
        CancellationToken cancellationToken
    )
    {
        // Whoever holds it may be busy for longer than a command may take; the token is what ends the wait.
        await using var command = connection.CreateCommand(
            "SELECT pg_advisory_xact_lock(@key)",
            ("key", MigrationLock)
        );
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
