using System.Data.Common;

namespace OrleansMl.Storage.Operations;

/// <inheritdoc cref="IOrleansDatabase"/>
internal sealed class OrleansDatabase(Database database, DatabaseRetry retry)
    : IOrleansDatabase,
        IDisposable
{
    public string Invariant => database.Invariant;

    public DbDataSource DataSource { get; } = new RetryingDataSource(database, retry);

    public void Dispose() => DataSource.Dispose();
}
