using System.Data.Common;

namespace OrleansMl.Storage.Operations;

/// <summary>Opens a database's connections, waiting out a short absence of it. To open is harmless to repeat; what is run on the connection is the caller's.</summary>
internal sealed class RetryingDataSource(Database database, DatabaseRetry retry) : DbDataSource
{
    public override string ConnectionString => database.DataSource.ConnectionString;

    protected override DbConnection CreateDbConnection() => database.DataSource.CreateConnection();

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(
        CancellationToken cancellationToken = default
    ) =>
        await retry.ExecuteAsync(
            "open a connection",
            database.Location,
            database.OpenAsync,
            cancellationToken
        );
}
