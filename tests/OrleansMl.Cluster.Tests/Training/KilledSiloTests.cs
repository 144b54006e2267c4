using OrleansMl.Cluster.Tests.Operations;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cluster.Tests.Training;

[Trait("category", "cluster")]
public sealed class KilledSiloTests(ClusterFixture cluster, ITestOutputHelper output)
{
    private const int Kills = 5;

    [Fact]
    public async Task A_run_whose_silo_is_killed_five_times_ends_in_the_undisturbed_weights_while_predictions_go_on()
    {
        var seed = int.Parse(
            Environment.GetEnvironmentVariable("OML_TEST_SEED") ?? "20260101",
            System.Globalization.CultureInfo.InvariantCulture
        );
        output.WriteLine($"OML_TEST_SEED={seed}");
        var random = new Random(seed);
        var undisturbed = await cluster.LongUndisturbedAsync();
        await using var predictions = CallStream.Predict(
            cluster.Client,
            cluster.UndisturbedVersion
        );
        await using var statuses = CallStream.Status(cluster.Client);
        var run = await cluster.SubmitLongAsync("killed");
        var killedAttempt = 0;
        for (var kill = 1; kill <= Kills; kill++)
        {
            var checkpoints = random.Next(1, 4);
            var seen = await cluster.WatchAsync(
                run,
                snapshot =>
                    snapshot.Phase == TrainingRunPhase.Running
                    && snapshot.Attempt > killedAttempt
                    && snapshot.Checkpoints.Count > 0
                    && snapshot.Checkpoints[^1].Step
                        >= snapshot.Attempts[^1].FromStep
                            + checkpoints * ClusterFixture.CheckpointSteps
            );
            var silo = ClusterFixture.SiloOf(seen);
            output.WriteLine(
                $"kill {kill}: {silo}, attempt {seen.Attempt}, from step {seen.Attempts[^1].FromStep}, checkpoint {seen.Checkpoints[^1].Step}"
            );
            killedAttempt = seen.Attempt;
            await cluster.Script.RunAsync("kill", silo);
            await cluster.Script.RunAsync("scale", "3");
        }

        var ended = await cluster.WatchAsync(run, snapshot => snapshot.EndedAt is not null);
        await cluster.AssertWeightsAsync(ended, undisturbed.Weights);
        Assert.True(
            ended.Attempts.Count(attempt => attempt.Outcome == AttemptOutcome.LeaseLost) >= Kills,
            string.Join(", ", ended.Attempts.Select(attempt => attempt.Outcome))
        );
        Check("predictions", predictions);
        Check("statuses", statuses);
    }

    private void Check(string what, CallStream calls)
    {
        output.WriteLine(
            $"{calls.Answers} {what} answered, the longest wait {calls.LongestGap.TotalSeconds:F1} s"
        );
        Assert.True(
            calls.Errors.Count == 0,
            $"{calls.Errors.Count} errors of {what}, the first: {calls.Errors.FirstOrDefault()}"
        );
        Assert.Single(calls.Distinct);
        Assert.True(calls.Answers > 100, $"{calls.Answers} {what}");
    }
}
