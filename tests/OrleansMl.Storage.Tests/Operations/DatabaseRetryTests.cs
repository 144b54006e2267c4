using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OrleansMl.Contracts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class DatabaseRetryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DatabaseRetry _retry;

    public DatabaseRetryTests() =>
        _retry = new DatabaseRetry(
            TimeSpan.FromSeconds(90),
            _time,
            NullLogger<DatabaseRetry>.Instance
        );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(85)]
    public async Task Work_goes_through_once_the_database_is_back(int secondsAway)
    {
        var back = _time.GetUtcNow().AddSeconds(secondsAway);

        var result = await RunAsync(() =>
            _time.GetUtcNow() < back ? throw Away() : Task.FromResult("done")
        );

        Assert.Equal("done", result);
    }

    [Fact]
    public async Task After_the_limit_the_error_names_the_work_the_place_and_the_reason()
    {
        var start = _time.GetUtcNow();

        var error = await Assert.ThrowsAsync<UnavailableException>(() =>
            RunAsync<string>(() => throw Away())
        );

        Assert.Contains("db.example:5432", error.Message, StringComparison.Ordinal);
        Assert.Contains("test the retry", error.Message, StringComparison.Ordinal);
        Assert.Contains("connection refused", error.Message, StringComparison.Ordinal);
        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 90, 100);
    }

    [Fact]
    public async Task What_repeating_cannot_mend_is_thrown_at_once()
    {
        var calls = 0;

        await Assert.ThrowsAsync<SqliteException>(() =>
            RunAsync<string>(() =>
            {
                calls++;
                throw new SqliteException("no such table", 1);
            })
        );

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_full_disk_under_the_database_says_so()
    {
        var error = await Assert.ThrowsAsync<UnavailableException>(() =>
            RunAsync<string>(() => throw new SqliteException("database or disk is full", 13))
        );

        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.Contains("nothing was written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_gives_up_ends_the_wait()
    {
        using var cancel = new CancellationTokenSource();

        var work = _retry.ExecuteAsync<string>(
            "test the retry",
            "db.example:5432",
            _ => throw Away(),
            cancel.Token
        );
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    private static NpgsqlException Away() =>
        new NpgsqlException("connection refused", new IOException("refused"));

    private async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var run = _retry.ExecuteAsync("test the retry", "db.example:5432", _ => work(), Token);
        while (!run.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }
        return await run;
    }
}
