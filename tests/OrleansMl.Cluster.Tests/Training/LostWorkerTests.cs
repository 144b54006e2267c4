using OrleansMl.Cluster.Tests.Operations;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cluster.Tests.Training;

[Trait("category", "cluster")]
public sealed class LostWorkerTests(ClusterFixture cluster, ITestOutputHelper output)
{
    [Theory]
    [InlineData("KILL", AttemptOutcome.Crashed)]
    [InlineData("STOP", AttemptOutcome.Hung)]
    public async Task A_worker_that_dies_or_hangs_costs_one_attempt(
        string signal,
        AttemptOutcome outcome
    )
    {
        var run = await cluster.SubmitAsync($"worker-{signal.ToLowerInvariant()}");
        var before = await cluster.WatchAsync(
            run,
            snapshot => snapshot.Phase == TrainingRunPhase.Running && snapshot.Checkpoints.Count > 0
        );
        var silo = cluster.Script.ProcessId(ClusterFixture.SiloOf(before));
        var worker = Processes.WorkerOf(silo);
        output.WriteLine($"{signal} worker {worker} at step {before.Progress?.Step}");

        await Processes.SignalAsync(signal, worker);

        await Processes.EndedAsync(worker, TestContext.Current.CancellationToken);
        var ended = await cluster.WatchAsync(run, snapshot => snapshot.EndedAt is not null);
        await cluster.AssertUndisturbedAsync(ended);
        Assert.Equal([outcome, AttemptOutcome.Succeeded], ended.Attempts.Select(a => a.Outcome));
        Assert.True(ended.Attempts[1].FromStep >= ClusterFixture.CheckpointSteps);
    }

    [Fact]
    public async Task A_worker_ends_with_its_killed_silo()
    {
        var run = await cluster.SubmitAsync("orphan");
        var before = await cluster.WatchAsync(
            run,
            snapshot => snapshot.Phase == TrainingRunPhase.Running && snapshot.Progress is not null
        );
        var silo = ClusterFixture.SiloOf(before);
        var worker = Processes.WorkerOf(cluster.Script.ProcessId(silo));

        await cluster.Script.RunAsync("kill", silo);

        await Processes.EndedAsync(worker, TestContext.Current.CancellationToken);
        await cluster.Script.RunAsync("scale", "3");
        await cluster.AssertUndisturbedAsync(
            await cluster.WatchAsync(run, snapshot => snapshot.EndedAt is not null)
        );
    }

    [Fact]
    public async Task A_drained_silo_hands_its_run_over_with_a_fresh_checkpoint()
    {
        var run = await cluster.SubmitAsync("drained");
        var before = await cluster.WatchAsync(
            run,
            snapshot => snapshot.Phase == TrainingRunPhase.Running && snapshot.Checkpoints.Count > 0
        );
        var silo = ClusterFixture.SiloOf(before);

        await cluster.Script.RunAsync("drain", silo);

        var taken = await cluster.WatchAsync(run, snapshot => snapshot.Attempt > before.Attempt);
        output.WriteLine($"{silo} left at step {taken.Attempts[1].FromStep}");
        Assert.Equal(AttemptOutcome.HandedOver, taken.Attempts[0].Outcome);
        Assert.NotEqual(silo, ClusterFixture.SiloOf(taken));
        Assert.True(taken.Attempts[1].FromStep >= before.Progress!.Step);
        await cluster.Script.RunAsync("scale", "3");
        await cluster.AssertUndisturbedAsync(
            await cluster.WatchAsync(run, snapshot => snapshot.EndedAt is not null)
        );
    }
}
