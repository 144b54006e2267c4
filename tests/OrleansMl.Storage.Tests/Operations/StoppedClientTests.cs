using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

public sealed class StoppedClientTests(PostgresServer postgres)
{
    [Fact]
    public async Task A_client_that_stops_within_a_transaction_does_not_keep_the_next_attempt_from_its_rows()
    {
        var token = TestContext.Current.CancellationToken;
        await using var database = await TestDatabase.CreateAsync(
            DatabaseProvider.PostgreSql,
            postgres
        );
        database.Options.Database.IdleTransactionSeconds = 1;
        await using var services = database.Build();
        var metrics = services.GetRequiredService<ITrainingMetricsStore>();
        var run = new TrainingRunId("run");
        await metrics.BeginAttemptAsync(run, 1, 0, token);
        await using var stopped = await services
            .GetRequiredService<Database>()
            .DataSource.OpenConnectionAsync(token);
        await stopped.BeginTransactionAsync(token);
        await stopped.ScalarAsync(
            "SELECT attempt FROM oml_training_fence WHERE run = 'run' FOR UPDATE",
            token
        );

        await metrics.BeginAttemptAsync(run, 2, 0, token);

        var error = await Assert.ThrowsAnyAsync<DbException>(() =>
            stopped.ScalarAsync("SELECT 1", token)
        );
        Assert.True(DatabaseRetry.IsTransient(error), error.ToString());
    }
}
