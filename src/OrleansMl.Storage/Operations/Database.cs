using System.Data;
using System.Data.Common;
using OrleansMl.Contracts;

namespace OrleansMl.Storage.Operations;

/// <summary>
/// The one place where the databases differ. SQL that both understand is shared by the stores; what they don't share is a
/// member here. Every call of <see cref="ExecuteAsync{T}"/> is repeated while the database is away, so the work must be
/// harmless to repeat. Thread-safe.
/// </summary>
internal abstract class Database(DatabaseRetry retry) : IAsyncDisposable
{
    /// <summary>The invariant that Orleans' providers know the driver by.</summary>
    public abstract string Invariant { get; }

    /// <summary>The folder of this database's SQL among the embedded resources.</summary>
    public abstract string SqlFolder { get; }

    /// <summary>Opens pooled connections.</summary>
    public abstract DbDataSource DataSource { get; }

    /// <summary>Where the database is, for messages: no secrets.</summary>
    public abstract string Location { get; }

    /// <summary>A condition: the column's value is in a JSON array of texts that the parameter holds.</summary>
    public abstract string InJsonArray(string column, string parameter);

    /// <summary>A SELECT of one row for each text in the parameter's JSON array: an expression, and the text.</summary>
    public abstract string SelectFromJsonArray(string expression, string parameter);

    /// <summary>Makes a SELECT of one row hold that row until the transaction ends.</summary>
    public abstract string LockRow(string select);

    /// <summary>Tells every process that listens about a topic, when the transaction commits; nothing where one process has the database to itself.</summary>
    public virtual Task NotifyAsync(
        DbConnection connection,
        string topic,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    /// <summary>Listens for <see cref="NotifyAsync"/> until the connection breaks; returns at once where nobody notifies.</summary>
    /// <param name="listening">Called when all from now on is heard.</param>
    /// <param name="heard">Called with each topic.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public virtual Task ListenAsync(
        Action listening,
        Action<string> heard,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    /// <summary>Makes the database ready for migrations, outside any transaction.</summary>
    public abstract Task PrepareAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Waits, inside a transaction, until no one else migrates.</summary>
    public abstract Task LockMigrationsAsync(
        DbConnection connection,
        CancellationToken cancellationToken
    );

    /// <summary>Opens a connection that answers: after a restart of the server a pool is full of dead ones.</summary>
    public virtual async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) =>
        await DataSource.OpenConnectionAsync(cancellationToken);

    /// <summary>Told that work on a connection failed, and may be repeated.</summary>
    protected virtual void OnFailed(DbConnection connection, DbException error) { }

    /// <summary>Runs repeatable work on a connection.</summary>
    public Task<T> ExecuteAsync<T>(
        string what,
        Func<DbConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    ) =>
        retry.ExecuteAsync(
            what,
            Location,
            async token =>
            {
                await using var connection = await DataSource.OpenConnectionAsync(token);
                try
                {
                    return await work(connection, token);
                }
                catch (DbException e) when (DatabaseRetry.IsTransient(e))
                {
                    OnFailed(connection, e);
                    throw;
                }
            },
            cancellationToken
        );

    /// <summary>Runs repeatable work in a transaction of its own; what it throws rolls it back.</summary>
    public Task<T> TransactAsync<T>(
        string what,
        Func<DbConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            what,
            async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(
                    IsolationLevel.Unspecified,
                    token
                );
                var result = await work(connection, token);
                await transaction.CommitAsync(token);
                return result;
            },
            cancellationToken
        );

    /// <summary>Runs work that can't be repeated in a transaction of its own; only the opening of its connection is.</summary>
    public async Task<T> TransactOnceAsync<T>(
        string what,
        Func<DbConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await retry.ExecuteAsync(
            what,
            Location,
            OpenAsync,
            cancellationToken
        );
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var result = await work(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        catch (DbException e) when (DatabaseRetry.IsTransient(e))
        {
            throw new UnavailableException(
                $"The database {Location} went away while it should {what}: {e.Message} Try again.",
                e
            );
        }
    }

    /// <summary>Closes pooled connections.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
