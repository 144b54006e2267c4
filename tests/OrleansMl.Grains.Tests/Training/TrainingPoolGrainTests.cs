using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Training;

public sealed class TrainingPoolGrainTests
{
    [Fact]
    public async Task Runs_wait_in_their_order_and_say_their_place()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        foreach (var id in (string[])["r1", "r2", "r3"])
            await cluster.Run(id).SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);

        var first = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        Assert.Equal("r1", first.Run.Value);
        Assert.Equal(1, (await cluster.Run("r2").GetAsync(GrainCluster.Cancel))!.QueuePosition);
        Assert.Equal(2, (await cluster.Run("r3").GetAsync(GrainCluster.Cancel))!.QueuePosition);
        await cluster.ReportAsync();
        var pool = await cluster.Pool.GetAsync(GrainCluster.Cancel);
        var slot = Assert.Single(pool.Slots);
        Assert.Equal(("silo-0/cpu:0", "r1", 1), (slot.Slot, slot.Run.ToString(), slot.Attempt));
        Assert.Equal(["r2", "r3"], pool.Queue.Select(run => run.Value));

        await cluster.Run("r1").CompleteAsync(TestRuns.Result(first), GrainCluster.Cancel);
        cluster.Supervisor().Finish(first.Run);
        Assert.Equal("r2", (await cluster.DriveAsync(cluster.Supervisor().NextAsync())).Run.Value);
    }

    [Fact]
    public async Task A_silo_that_started_anew_has_lost_its_attempts_and_gets_them_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        await cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        cluster.Supervisor().Restart();
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        Assert.Equal(2, work.Attempt);
        var attempts = (await cluster.Run("r1").GetAsync(GrainCluster.Cancel))!.Attempts;
        Assert.Equal(AttemptOutcome.LeaseLost, attempts[0].Outcome);
        Assert.Contains("started anew", attempts[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_vanished_is_noticed_by_its_slots_reports()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        await cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var lost = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        cluster.Supervisor().Finish(lost.Run);
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        Assert.Equal(2, work.Attempt);
    }

    [Fact]
    public async Task A_run_that_cannot_be_started_is_tried_again_until_it_can()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        cluster.Supervisor().StartError = new ConflictException("the slot is still busy");
        await cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.DriveAsync(AttemptsAsync(cluster, 2));
        cluster.Supervisor().StartError = null;

        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        Assert.True(work.Attempt > 2);
        var run = (await cluster.Run("r1").GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(TrainingRunPhase.Running, run.Phase);
        Assert.Contains("still busy", run.Attempts[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pool_goes_on_from_what_it_wrote_when_its_activation_ends()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        await cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.Run("r2").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        await cluster.DeactivateAsync(cluster.Pool);
        await cluster.ReportAsync();
        await cluster.Calls.QuietAsync();

        // The lease stands: the attempt goes on, and no second one began.
        Assert.Equal(1, cluster.Supervisor().Starts);
        Assert.Equal(
            ["r2"],
            (await cluster.Pool.GetAsync(GrainCluster.Cancel)).Queue.Select(run => run.Value)
        );
        Assert.Equal(
            AttemptDirective.Continue,
            await cluster
                .Run("r1")
                .ReportAsync(TestRuns.Report(work.Attempt, 5), GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task A_database_that_was_away_for_a_minute_loses_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        await cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.Run("r2").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var first = await cluster.DriveAsync(cluster.Supervisor().NextAsync());

        cluster.Faults.Down = true;
        for (var second = 0; second < 60; second++)
        {
            cluster.Time.Advance(TimeSpan.FromSeconds(1));
            await cluster.ReportAsync();
        }
        await Assert.ThrowsAnyAsync<Exception>(() =>
            cluster.Run("r3").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel)
        );
        cluster.Faults.Down = false;

        var directive = await cluster.DriveAsync(
            GrainCluster.RetryAsync(() =>
                cluster.Run("r1").CompleteAsync(TestRuns.Result(first), GrainCluster.Cancel)
            )
        );
        cluster.Supervisor().Finish(first.Run);
        Assert.Equal(AttemptDirective.Continue, directive);
        var next = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        Assert.Equal("r2", next.Run.Value);
        await cluster.Run("r2").CompleteAsync(TestRuns.Result(next), GrainCluster.Cancel);
        Assert.Equal(
            2,
            (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!.LatestVersion
        );
    }

    [Fact]
    public async Task A_silo_that_is_killed_loses_no_run()
    {
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway,serve,train", ["cpu:0"]),
            new TestSilo("train", ["cpu:0"])
        );
        await TestRuns.ImportAsync(cluster);
        foreach (var id in (string[])["r1", "r2", "r3"])
            await cluster.Run(id).SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        // Both silos train; then the second one dies with its worker and every grain that lived there.
        await cluster.DriveAsync(cluster.Supervisor(0).NextAsync());
        await cluster.DriveAsync(cluster.Supervisor(1).NextAsync());
        var victim = cluster.Inner.Silos.Single(silo => silo.Name == cluster.Names[1]);
        await cluster.Inner.KillSiloAsync(victim, GrainCluster.Cancel);

        var stop = new TaskCompletionSource();
        var worker = FinishAllAsync(cluster, stop.Task);
        foreach (var id in (string[])["r1", "r2", "r3"])
            await cluster.DriveAsync(cluster.WaitAsync(id, TrainingRunPhase.Succeeded), 1);
        stop.SetResult();
        await worker;

        Assert.Equal(
            3,
            (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!.LatestVersion
        );
    }

    [Fact]
    public async Task A_report_that_names_other_silos_slots_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            cluster.Pool.ReportSlotsAsync(
                cluster.Supervisor().Report() with
                {
                    Silo = "other",
                },
                GrainCluster.Cancel
            )
        );
        Assert.Contains("silo-0/cpu:0", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Completes whatever silo 0 works on, one run after the other, beginning with what it works on now.</summary>
    private static async Task FinishAllAsync(GrainCluster cluster, Task until)
    {
        var slot = cluster.Supervisor(0).Slots[0];
        var work = (Run: slot.Run!.Value, slot.Attempt);
        while (true)
        {
            var run = cluster.Run(work.Run.Value);
            await GrainCluster.RetryAsync(() =>
                run.CompleteAsync(TestRuns.Result(work.Run, work.Attempt), GrainCluster.Cancel)
            );
            cluster.Supervisor(0).Finish(work.Run);
            var next = cluster.Supervisor(0).NextAsync();
            await Task.WhenAny(next, until);
            if (!next.IsCompleted)
                return;
            work = ((await next).Run, (await next).Attempt);
        }
    }

    private static async Task AttemptsAsync(GrainCluster cluster, int attempts)
    {
        await foreach (var seen in cluster.Run("r1").WatchAsync(GrainCluster.Cancel))
        {
            if (seen.Run.Attempt >= attempts)
                return;
        }
    }
}
