using OrleansMl.Client;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cluster.Tests.Operations;

[Trait("category", "cluster")]
public sealed class LostDatabaseTests(ClusterFixture cluster, ITestOutputHelper output)
{
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_database_that_is_away_for_a_minute_costs_nothing_that_was_acknowledged()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        string[] silos = ["silo-1", "silo-2", "silo-3"];
        var processes = silos.Select(cluster.Script.ProcessId).ToList();
        var run = await cluster.SubmitAsync("database-away");
        var queued = new List<TrainingRunId>();
        for (var i = 0; i < 2; i++)
            queued.Add(await cluster.SubmitAsync($"acknowledged-{i}"));
        await cluster.WatchAsync(
            run,
            snapshot => snapshot.Phase == TrainingRunPhase.Running && snapshot.Checkpoints.Count > 0
        );
        await using var predictions = CallStream.Predict(
            cluster.Client,
            cluster.UndisturbedVersion
        );

        await predictions.Warm.WaitAsync(cancellationToken);

        await cluster.Script.RunAsync("database", "stop");
        using var impatient = new OrleansMlClient(
            new OrleansMlClientOptions
            {
                Endpoints = [cluster.Script.Url("silo-1")],
                Timeout = TimeSpan.FromSeconds(45),
                AttemptTimeout = TimeSpan.FromSeconds(40),
                MaxRetries = 0,
            }
        );
        var refused = await Assert.ThrowsAsync<OrleansMlException>(() =>
            impatient.Runs.SubmitAsync(
                ClusterFixture.Config,
                new TrainingRunId("never-acknowledged"),
                cancellationToken
            )
        );
        output.WriteLine($"while it was away: {refused.Message}");
        await Task.Delay(Absence, TimeProvider.System, cancellationToken);
        var answersMeanwhile = predictions.Answers;
        await cluster.Script.RunAsync("database", "start");

        var ended = await cluster.WatchAsync(run, snapshot => snapshot.EndedAt is not null);
        await cluster.AssertUndisturbedAsync(ended);
        foreach (var acknowledged in queued)
            await cluster.AssertUndisturbedAsync(
                await cluster.WatchAsync(acknowledged, snapshot => snapshot.EndedAt is not null)
            );
        // By itself: the silos are the ones that were there before.
        Assert.Equal(processes, silos.Select(cluster.Script.ProcessId));
        var status = await cluster.Client.StatusAsync(cancellationToken);
        Assert.Equal(3, status.Silos.Count(silo => silo.Status == "Active"));
        // A loaded model needs no database.
        output.WriteLine($"{answersMeanwhile} predictions answered while it was away");
        Assert.True(answersMeanwhile > 100, $"{answersMeanwhile} answers");
        Assert.True(
            predictions.Errors.Count == 0,
            $"{predictions.Errors.Count} errors, the first: {predictions.Errors.FirstOrDefault()}"
        );
    }
}
