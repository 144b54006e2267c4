using System.Data.Common;
using Microsoft.Extensions.Options;

namespace OrleansMl.Storage.Operations;

/// <inheritdoc/>
internal sealed class DatabaseHealth(
    Database database,
    IOptions<DatabaseOptions> options,
    TimeProvider time
) : IDatabaseHealth
{
    public async Task<DatabaseStatus> CheckAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var limit = TimeSpan.FromSeconds(options.Value.HealthTimeoutSeconds);
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            deadline.Token,
            cancellationToken
        );
        try
        {
            await AskAsync(either.Token);
            return new DatabaseStatus(true, "", time.GetElapsedTime(started));
        }
        catch (DbException e)
        {
            return Away(e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Away($"no answer within {limit.TotalSeconds:0} s");
        }

        async Task AskAsync(CancellationToken token)
        {
            try
            {
                await RunAsync(token);
            }
            catch (DbException e) when (DatabaseRetry.IsTransient(e))
            {
                // A dead connection of the pool says nothing about the database; a new one does.
                await RunAsync(token);
            }
        }

        async Task RunAsync(CancellationToken token)
        {
            await using var connection = await database.OpenAsync(token);
            await connection.ScalarAsync("SELECT 1", token);
        }

        DatabaseStatus Away(string reason) =>
            new(
                false,
                $"The database {database.Location} is away: {reason}",
                time.GetElapsedTime(started)
            );
    }
}
