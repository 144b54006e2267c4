using System.Data.Common;

namespace OrleansMl.Storage.Operations;

/// <summary>Opens connections of another data source, waiting out a short absence of the database. To open is harmless to repeat; what is run on the connection is the caller's.</summary>
internal sealed class RetryingDataSource(DbDataSource inner, string location, DatabaseRetry retry)
    : DbDataSource
{
    public override string ConnectionString => inner.ConnectionString;

    protected override DbConnection CreateDbConnection() => inner.CreateConnection();

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(
        CancellationToken cancellationToken = default
    ) =>
        await retry.ExecuteAsync(
            "open a connection",
            location,
            async token => await inner.OpenConnectionAsync(token),
            cancellationToken
        );
}
