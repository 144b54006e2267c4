using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansMl.Contracts;
using Polly;
using Polly.Retry;

namespace OrleansMl.Storage.Operations;

/// <summary>Repeats work while the database is away, up to a bound, and then says so.</summary>
internal sealed partial class DatabaseRetry
{
    private static readonly ResiliencePropertyKey<long> Started = new("started");
    private readonly ResiliencePipeline _pipeline;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly ILogger _logger;

    public DatabaseRetry(TimeSpan limit, TimeProvider time, ILogger<DatabaseRetry> logger)
    {
        _time = time;
        _limit = limit;
        _logger = logger;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = int.MaxValue,
                    Delay = TimeSpan.FromMilliseconds(100),
                    BackoffType = DelayBackoffType.Exponential,
                    MaxDelay = TimeSpan.FromSeconds(5),
                    ShouldHandle = args =>
                        ValueTask.FromResult(
                            IsTransient(args.Outcome.Exception)
                                && time.GetElapsedTime(args.Context.Properties.GetValue(Started, 0))
                                    < limit
                        ),
                    OnRetry = args =>
                    {
                        LogRetry(
                            args.Context.OperationKey ?? "",
                            args.AttemptNumber + 1,
                            args.Outcome.Exception?.Message ?? ""
                        );
                        return default;
                    },
                }
            )
            .Build();
    }

    /// <summary>Whether the same call may succeed later: the server is gone or restarting, a lock is held, a deadlock was broken.</summary>
    public static bool IsTransient(Exception? exception) =>
        exception switch
        {
            SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => true,
            // The server ended a transaction that stood still for too long: nothing of it was kept.
            PostgresException { SqlState: IdleInTransaction } => true,
            DbException e => e.IsTransient,
            _ => false,
        };

    public async Task<T> ExecuteAsync<T>(
        string what,
        string location,
        Func<CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(what, cancellationToken);
        context.Properties.Set(Started, _time.GetTimestamp());
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (ctx, run) => await run(ctx.CancellationToken),
                context,
                work
            );
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteFull)
        {
            throw new UnavailableException(
                $"The database {location} could not {what}: its disk is full. Free space there and try again; nothing was written.",
                e
            );
        }
        catch (DbException e) when (IsTransient(e))
        {
            throw new UnavailableException(
                $"The database {location} could not {what}, tried for {_limit.TotalSeconds:0} s: {e.Message} Check that it runs and that the connection string is right.",
                e
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private const string IdleInTransaction = "25P03";
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteFull = 13;

    [LoggerMessage(
        EventId = 4001,
        Level = LogLevel.Warning,
        Message = "The database is away or busy (to {What}, attempt {Attempt}): {Reason}"
    )]
    private partial void LogRetry(string what, int attempt, string reason);
}
