using System.Data.Common;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Training;

/// <inheritdoc/>
internal sealed class SqlTrainingMetricsStore(Database database) : ITrainingMetricsStore
{
    private const int MaxPointsPerAppend = 1000;

    public Task BeginAttemptAsync(
        TrainingRunId run,
        int attempt,
        long resumeStep,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "begin an attempt's metrics",
            async (connection, token) =>
            {
                // The row's lock, held to the end of the transaction, makes an append of the older attempt come wholly
                // before (its points past the resumed step go below) or wholly after (it is refused).
                var raised = await connection.RunAsync(
                    "INSERT INTO oml_training_fence (run, attempt) VALUES (@run, @attempt) ON CONFLICT (run) DO UPDATE SET attempt = excluded.attempt WHERE oml_training_fence.attempt < excluded.attempt",
                    token,
                    ("run", run.Value),
                    ("attempt", attempt)
                );
                if (raised == 0)
                {
                    // The same attempt begun twice is the same command again: its points stay.
                    await CheckFenceAsync(connection, run, attempt, token);
                    return 0;
                }
                return await connection.RunAsync(
                    "DELETE FROM oml_metric_point WHERE run = @run AND step > @step",
                    token,
                    ("run", run.Value),
                    ("step", resumeStep)
                );
            },
            cancellationToken
        );

    public Task AppendAsync(
        TrainingRunId run,
        int attempt,
        IReadOnlyList<MetricPoint> points,
        CancellationToken cancellationToken
    )
    {
        if (points.Count > MaxPointsPerAppend)
            throw new InvalidInputException(
                $"Run '{run}' appends {points.Count} metric points at once, at most {MaxPointsPerAppend} are taken: append them in parts."
            );
        return database.TransactAsync(
            "append metrics",
            async (connection, token) =>
            {
                await CheckFenceAsync(connection, run, attempt, token);
                await using var command = connection.CreateCommand(
                    "INSERT INTO oml_metric_point (run, series, step, epoch, elapsed_seconds, metrics) VALUES (@run, @series, @step, @epoch, @elapsed, @metrics) ON CONFLICT (run, series, step) DO UPDATE SET epoch = excluded.epoch, elapsed_seconds = excluded.elapsed_seconds, metrics = excluded.metrics"
                );
                foreach (var point in points)
                {
                    command.Parameters.Clear();
                    command.Bind("run", run.Value);
                    command.Bind("series", point.Series);
                    command.Bind("step", point.Step);
                    command.Bind("epoch", point.Epoch);
                    command.Bind("elapsed", point.ElapsedSeconds);
                    command.Bind(
                        "metrics",
                        JsonSerializer.Serialize(point.Values, ContractsJson.Options)
                    );
                    await command.ExecuteNonQueryAsync(token);
                }
                return 0;
            },
            cancellationToken
        );
    }

    public async Task<IReadOnlyList<MetricPoint>> ReadAsync(
        TrainingRunId run,
        string? series,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (limit < 1)
            throw new InvalidInputException(
                $"At least one metric point must be asked for, {limit} were."
            );
        var points = await database.ExecuteAsync(
            "read metrics",
            async (connection, token) =>
            {
                var counts = await connection.QueryAsync(
                    "SELECT series, count(*) FROM oml_metric_point WHERE run = @run GROUP BY series ORDER BY series",
                    row => (Series: row.GetString(0), Count: row.GetInt64(1)),
                    token,
                    ("run", run.Value)
                );
                counts.RemoveAll(row => series is not null && row.Series != series);
                var shares = Shares([.. counts.Select(row => row.Count)], limit);
                var read = new List<MetricPoint>();
                for (var i = 0; i < counts.Count; i++)
                {
                    if (shares[i] > 0)
                        read.AddRange(
                            await ReadThinnedAsync(
                                connection,
                                run,
                                counts[i].Series,
                                shares[i],
                                token
                            )
                        );
                }
                return read;
            },
            cancellationToken
        );
        return [.. points.OrderBy(point => point.Step).ThenBy(point => point.Series)];
    }

    /// <summary>
    /// Divides the limit among series: the small ones whole, the rest in equal parts, so that ten thousand step points don't
    /// crowd out the one of the test split.
    /// </summary>
    internal static long[] Shares(IReadOnlyList<long> counts, long limit)
    {
        var shares = new long[counts.Count];
        var left = limit;
        var open = Enumerable.Range(0, counts.Count).OrderBy(i => counts[i]).ToList();
        for (var k = 0; k < open.Count; k++)
        {
            shares[open[k]] = Math.Min(counts[open[k]], left / (open.Count - k));
            left -= shares[open[k]];
        }
        return shares;
    }

    private static Task<List<MetricPoint>> ReadThinnedAsync(
        DbConnection connection,
        TrainingRunId run,
        string series,
        long limit,
        CancellationToken token
    )
    {
        // Row i of n stays when some j below the limit L maps to it: i = floor(j (n-1) / (L-1)), both ends included. The
        // nullifs keep a planner that evaluates every branch from dividing by zero.
        const string Sql = """
            SELECT step, epoch, elapsed_seconds, metrics
            FROM (
                SELECT step, epoch, elapsed_seconds, metrics,
                       row_number() OVER (ORDER BY step) - 1 AS i, count(*) OVER () AS n
                FROM oml_metric_point
                WHERE run = @run AND series = @series
            ) AS numbered
            WHERE n <= @limit
               OR (@limit = 1 AND i = n - 1)
               OR (@limit > 1
                   AND i = ((i * (@limit - 1) + n - 2) / nullif(n - 1, 0)) * (n - 1) / nullif(@limit - 1, 0))
            ORDER BY step
            """;
        return connection.QueryAsync(
            Sql,
            row => new MetricPoint
            {
                Step = row.GetInt64(0),
                Epoch = row.GetInt32(1),
                Series = series,
                ElapsedSeconds = row.GetDouble(2),
                Values = JsonSerializer.Deserialize<Dictionary<string, double>>(
                    row.GetString(3),
                    ContractsJson.Options
                )!,
            },
            token,
            ("run", run.Value),
            ("series", series),
            ("limit", limit)
        );
    }

    /// <summary>Locks the fence against a newer attempt until the transaction ends, and refuses any but the current attempt.</summary>
    private async Task CheckFenceAsync(
        DbConnection connection,
        TrainingRunId run,
        int attempt,
        CancellationToken token
    )
    {
        var current = await connection.ScalarAsync(
            database.LockRow("SELECT attempt FROM oml_training_fence WHERE run = @run"),
            token,
            ("run", run.Value)
        );
        if (current is null)
            throw new ConflictException(
                $"Attempt {attempt} of run '{run}' has not begun: begin it before its metrics are sent."
            );
        var newest = Convert.ToInt32(current);
        if (attempt < newest)
            throw new StaleAttemptException(
                $"Attempt {attempt} of run '{run}' is stale: attempt {newest} has begun. Its metrics are refused."
            );
        if (attempt > newest)
            throw new ConflictException(
                $"Attempt {attempt} of run '{run}' has not begun, the newest is {newest}: begin it before its metrics are sent."
            );
    }
}
