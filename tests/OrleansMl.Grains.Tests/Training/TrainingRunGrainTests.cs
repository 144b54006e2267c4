using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Tests.Operations;
using OrleansMl.Grains.Training;

namespace OrleansMl.Grains.Tests.Training;

public sealed class TrainingRunGrainTests
{
    [Fact]
    public async Task A_run_goes_from_its_submission_to_a_registered_version()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");

        var queued = await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        Assert.Equal(TrainingRunPhase.Queued, queued.Phase);
        Assert.Equal(1, queued.QueuePosition);
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        Assert.Equal((1, 0.0), (work.Attempt, work.TrainingSecondsBefore));
        Assert.Equal("fashion@1", work.Dataset.Id.ToString());
        Assert.Equal(
            AttemptDirective.Continue,
            await run.ReportAsync(TestRuns.Report(1, 10), GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Continue,
            await run.ReportCheckpointAsync(1, TestRuns.Checkpoint("r1", 10), GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Continue,
            await run.CompleteAsync(TestRuns.Result(work), GrainCluster.Cancel)
        );
        var done = (await run.GetAsync(GrainCluster.Cancel))!;

        Assert.Equal(TrainingRunPhase.Succeeded, done.Phase);
        Assert.Equal("churn@1", done.Version.ToString());
        Assert.Equal(12, done.TrainingSeconds);
        Assert.Equal(AttemptOutcome.Succeeded, Assert.Single(done.Attempts).Outcome);
        var version = (await cluster.Model("churn").GetVersionAsync(1, GrainCluster.Cancel))!;
        Assert.Equal("r1", version.Lineage.Run.ToString());
        Assert.Equal(TestRuns.Spec().Config, version.Lineage.Config);
        var holds = (await cluster.Dataset("fashion").GetAsync(GrainCluster.Cancel))!.Holds;
        Assert.Equal("model/churn@1", Assert.Single(holds).Holder);
        var row = cluster.Catalog.Find(CatalogKinds.TrainingRun, "r1")!;
        Assert.Equal("Succeeded", row.Status);
        var summary = JsonSerializer.Deserialize<TrainingRunSummary>(
            row.Summary,
            ContractsJson.Options
        )!;
        Assert.Equal((0.9, "test"), (summary.Metrics["accuracy"], summary.Split));
        Assert.Single(
            await cluster.Metrics.ReadAsync(new TrainingRunId("r1"), null, 100, GrainCluster.Cancel)
        );
        // The same result again does nothing.
        await run.CompleteAsync(TestRuns.Result(work), GrainCluster.Cancel);
        Assert.Equal(
            1,
            (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!.LatestVersion
        );
    }

    [Fact]
    public async Task The_same_spec_is_one_run_and_another_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        var first = await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var again = await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);

        Assert.Equal(first.SubmittedAt, again.SubmittedAt);
        Assert.Single((await cluster.Pool.GetAsync(GrainCluster.Cancel)).Queue);
        await Assert.ThrowsAsync<ConflictException>(() =>
            run.SubmitAsync(TestRuns.Spec("other"), GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task A_run_on_a_dataset_that_is_not_there_is_refused_and_leaves_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var error = await Assert.ThrowsAsync<NotFoundException>(() =>
            cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel)
        );

        Assert.Contains("fashion@1", error.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Run("r1").GetAsync(GrainCluster.Cancel));
        Assert.Null(cluster.Catalog.Find(CatalogKinds.TrainingRun, "r1"));
    }

    [Fact]
    public async Task A_full_queue_refuses_a_run_and_keeps_nothing_of_it()
    {
        await using var cluster = await GrainCluster.StartAsync(services =>
            services.Configure<TrainingPoolOptions>(options => options.QueueLimit = 2)
        );
        await TestRuns.ImportAsync(cluster);
        await cluster.Run("r1").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.Run("r2").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);

        var error = await Assert.ThrowsAsync<OverloadedException>(() =>
            cluster.Run("r3").SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel)
        );

        Assert.Contains("the limit is 2", error.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Run("r3").GetAsync(GrainCluster.Cancel));
        Assert.Null(cluster.Catalog.Find(CatalogKinds.TrainingRun, "r3"));
        var holds = (await cluster.Dataset("fashion").GetAsync(GrainCluster.Cancel))!.Holds;
        Assert.Equal(["run/r1", "run/r2"], holds.Select(hold => hold.Holder));
        Assert.Equal(2, (await cluster.Run("r2").GetAsync(GrainCluster.Cancel))!.QueuePosition);
    }

    [Fact]
    public async Task Only_the_newest_checkpoints_are_kept()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        foreach (var step in (long[])[10, 20, 30, 40])
            await run.ReportCheckpointAsync(
                1,
                TestRuns.Checkpoint("r1", step),
                GrainCluster.Cancel
            );

        var snapshot = (await run.GetAsync(GrainCluster.Cancel))!;

        Assert.Equal([30, 40], snapshot.Checkpoints.Select(kept => kept.Step));
        Assert.Equal(
            snapshot.Checkpoints.Select(kept => kept.Artifact).ToHashSet(),
            cluster.References.Of("run/r1")
        );
    }

    [Fact]
    public async Task What_an_older_attempt_sends_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway,serve,train", ["cpu:0"]),
            new TestSilo("train", ["cpu:0"])
        );
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        // Only silo 0 reports, so it gets the run; then it falls silent, as one that was stopped.
        var zombie = await cluster.DriveAsync(cluster.Supervisor(0).NextAsync(), 1);
        await run.ReportAsync(TestRuns.Report(1, 10), GrainCluster.Cancel);
        await run.ReportCheckpointAsync(1, TestRuns.Checkpoint("r1", 10), GrainCluster.Cancel);
        var work = await cluster.DriveAsync(cluster.Supervisor(1).NextAsync(), 0);

        var attempts = (await run.GetAsync(GrainCluster.Cancel))!.Attempts;
        Assert.True(work.Attempt == 2, string.Join("; ", attempts));
        Assert.Equal(10, work.ResumeFrom!.Step);
        Assert.Equal(1.0, work.TrainingSecondsBefore);
        Assert.Equal(
            AttemptDirective.Stale,
            await run.ReportAsync(TestRuns.Report(1, 15), GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Stale,
            await run.ReportCheckpointAsync(1, TestRuns.Checkpoint("r1", 15), GrainCluster.Cancel)
        );
        Assert.Equal(
            AttemptDirective.Stale,
            await run.CompleteAsync(TestRuns.Result(zombie), GrainCluster.Cancel)
        );
        await run.EndAttemptAsync(TestRuns.End(1, AttemptOutcome.Crashed), GrainCluster.Cancel);
        Assert.Null(await cluster.Model("churn").GetAsync(GrainCluster.Cancel));
        var snapshot = (await run.GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(TrainingRunPhase.Running, snapshot.Phase);
        Assert.Equal([10], snapshot.Checkpoints.Select(kept => kept.Step));
        Assert.Equal(AttemptOutcome.LeaseLost, snapshot.Attempts[0].Outcome);
        Assert.Equal([10L], (await PointsAsync(cluster)).Select(point => point.Step));

        await run.CompleteAsync(TestRuns.Result(work), GrainCluster.Cancel);
        Assert.Equal(TrainingRunPhase.Succeeded, (await run.GetAsync(GrainCluster.Cancel))!.Phase);
    }

    [Fact]
    public async Task Attempts_that_fail_count_and_those_that_are_lost_do_not()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec() with { MaxAttempts = 2 }, GrainCluster.Cancel);
        AttemptOutcome[] outcomes =
        [
            AttemptOutcome.Crashed,
            AttemptOutcome.HandedOver,
            AttemptOutcome.LeaseLost,
            AttemptOutcome.OutOfMemory,
        ];
        foreach (var (outcome, index) in outcomes.Select((outcome, index) => (outcome, index)))
        {
            var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
            Assert.Equal(index + 1, work.Attempt);
            cluster.Supervisor().Finish(work.Run);
            await run.EndAttemptAsync(TestRuns.End(work.Attempt, outcome), GrainCluster.Cancel);
        }

        var snapshot = (await run.GetAsync(GrainCluster.Cancel))!;

        Assert.Equal(TrainingRunPhase.Failed, snapshot.Phase);
        Assert.Contains("2 of 2 attempts failed", snapshot.Error, StringComparison.Ordinal);
        Assert.Contains("because of OutOfMemory", snapshot.Error, StringComparison.Ordinal);
        Assert.Equal(outcomes, snapshot.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(["last words"], snapshot.Attempts[^1].LogTail);
        Assert.Empty((await cluster.Dataset("fashion").GetAsync(GrainCluster.Cancel))!.Holds);
        Assert.Empty((await cluster.Pool.GetAsync(GrainCluster.Cancel)).Queue);
    }

    [Fact]
    public async Task Input_that_can_never_be_trained_on_fails_at_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        await run.EndAttemptAsync(
            TestRuns.End(work.Attempt, AttemptOutcome.InvalidInput),
            GrainCluster.Cancel
        );

        var snapshot = (await run.GetAsync(GrainCluster.Cancel))!;

        Assert.Equal(TrainingRunPhase.Failed, snapshot.Phase);
        Assert.Equal("because of InvalidInput", snapshot.Error);
    }

    [Fact]
    public async Task A_queued_run_is_cancelled_at_once_and_can_be_resumed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);

        var cancelled = await run.CancelAsync(GrainCluster.Cancel);
        Assert.Equal(TrainingRunPhase.Cancelled, cancelled.Phase);
        Assert.Empty((await cluster.Pool.GetAsync(GrainCluster.Cancel)).Queue);
        Assert.Empty((await cluster.Dataset("fashion").GetAsync(GrainCluster.Cancel))!.Holds);
        Assert.Equal(
            TrainingRunPhase.Cancelled,
            (await run.CancelAsync(GrainCluster.Cancel)).Phase
        );

        var resumed = await run.ResumeAsync(GrainCluster.Cancel);
        Assert.Equal((TrainingRunPhase.Queued, 1), (resumed.Phase, resumed.QueuePosition));
        await Assert.ThrowsAsync<ConflictException>(() => run.ResumeAsync(GrainCluster.Cancel));
        await cluster.DriveAsync(cluster.Supervisor().NextAsync());
    }

    [Fact]
    public async Task A_running_run_is_stopped_by_its_slot_or_by_its_next_report_and_resumes_from_its_checkpoint()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        await run.ReportCheckpointAsync(1, TestRuns.Checkpoint("r1", 10), GrainCluster.Cancel);

        Assert.True((await run.CancelAsync(GrainCluster.Cancel)).CancelRequested);
        Assert.Equal(
            AttemptDirective.Cancel,
            await run.ReportAsync(TestRuns.Report(1, 11), GrainCluster.Cancel)
        );
        // The slot was told too; a worker that dies of it is not tried again.
        await run.EndAttemptAsync(TestRuns.End(1, AttemptOutcome.Crashed), GrainCluster.Cancel);
        cluster.Supervisor().Finish(new TrainingRunId("r1"));
        Assert.Equal(TrainingRunPhase.Cancelled, (await run.GetAsync(GrainCluster.Cancel))!.Phase);

        await run.ResumeAsync(GrainCluster.Cancel);
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        Assert.Equal((2, 10L), (work.Attempt, work.ResumeFrom!.Step));
    }

    [Fact]
    public async Task A_watcher_sees_the_run_to_its_end()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await Assert.ThrowsAsync<NotFoundException>(async () =>
        {
            await foreach (var _ in run.WatchAsync(GrainCluster.Cancel)) { }
        });
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var begun = new TaskCompletionSource();
        var watch = Task.Run(
            async () =>
            {
                List<TrainingEvent> seen = [];
                await foreach (var next in run.WatchAsync(GrainCluster.Cancel).WithBatchSize(1))
                {
                    begun.TrySetResult();
                    seen.Add(next);
                }
                return seen;
            },
            GrainCluster.Cancel
        );
        await begun.Task;
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        await run.ReportAsync(TestRuns.Report(1, 10), GrainCluster.Cancel);
        await run.CompleteAsync(TestRuns.Result(work), GrainCluster.Cancel);
        var events = await watch;

        Assert.Equal(TrainingRunPhase.Queued, events[0].Run.Phase);
        Assert.Contains(events, seen => seen.Points.Any(point => point.Step == 10));
        Assert.Equal(TrainingRunPhase.Succeeded, events[^1].Run.Phase);
        Assert.Equal(
            events.Select(seen => seen.Sequence).Order(),
            events.Select(seen => seen.Sequence)
        );
        Assert.Equal("churn@1", events[^1].Run.Version.ToString());
    }

    [Fact]
    public async Task An_activation_that_is_out_of_date_writes_nothing_and_makes_way()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        cluster.Storage.WriteElsewhere(run.GetGrainId().ToString());

        await Assert.ThrowsAsync<UnavailableException>(() =>
            run.ReportCheckpointAsync(1, TestRuns.Checkpoint("r1", 10), GrainCluster.Cancel)
        );
        Assert.Empty((await run.GetAsync(GrainCluster.Cancel))!.Checkpoints);
        // The next activation read what is true, and takes the report.
        await run.ReportCheckpointAsync(1, TestRuns.Checkpoint("r1", 10), GrainCluster.Cancel);
        Assert.Single((await run.GetAsync(GrainCluster.Cancel))!.Checkpoints);

        // A newer attempt of which this activation does not know has raised the fence.
        await cluster.Metrics.BeginAttemptAsync(
            new TrainingRunId("r1"),
            5,
            10,
            GrainCluster.Cancel
        );
        Assert.Equal(
            AttemptDirective.Stale,
            await run.ReportAsync(TestRuns.Report(1, 20), GrainCluster.Cancel)
        );
        Assert.Empty(
            await cluster.Metrics.ReadAsync(new TrainingRunId("r1"), null, 100, GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task A_registration_that_fails_is_tried_again_until_there_is_one_version()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var run = cluster.Run("r1");
        await run.SubmitAsync(TestRuns.Spec(), GrainCluster.Cancel);
        var work = await cluster.DriveAsync(cluster.Supervisor().NextAsync());
        cluster.Faults.Arm(1, after: false, only: "state model/");
        await Assert.ThrowsAsync<UnavailableException>(() =>
            run.CompleteAsync(TestRuns.Result(work), GrainCluster.Cancel)
        );
        // The worker and the activation are gone: only the state knows.
        cluster.Supervisor().Finish(work.Run);
        await cluster.DeactivateAsync(run);

        var done = await cluster.DriveAsync(cluster.WaitAsync("r1", TrainingRunPhase.Succeeded));

        Assert.Equal("churn@1", done.Version.ToString());
        Assert.Equal(
            1,
            (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!.LatestVersion
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_write_fails_a_run_ends_with_exactly_one_version(bool afterTheWrite)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await TestRuns.ImportAsync(cluster);
        var stop = new TaskCompletionSource();
        var worker = WorkAsync(cluster, stop.Task);
        var struck = true;
        for (var n = 1; struck; n++)
        {
            Assert.True(n < 200, "The sweep did not come to an end.");
            var id = $"r{n}";
            cluster.Faults.Arm(n, afterTheWrite);
            await GrainCluster.RetryAsync(() =>
                cluster.Run(id).SubmitAsync(TestRuns.Spec($"m{n}"), GrainCluster.Cancel)
            );
            var end = cluster.WaitAsync(id, TrainingRunPhase.Succeeded);
            var done = await cluster.DriveAsync(end);
            struck = cluster.Faults.Struck;
            cluster.Faults.Disarm();

            Assert.Equal(1, done.Version!.Value.Version);
            await cluster.DeactivateAsync(cluster.Model($"m{n}"));
            var model = (await cluster.Model($"m{n}").GetAsync(GrainCluster.Cancel))!;
            Assert.Equal(1, model.LatestVersion);
            await cluster.DeactivateAsync(cluster.Run(id));
            var kept = (await cluster.Run(id).GetAsync(GrainCluster.Cancel))!;
            Assert.Equal(TrainingRunPhase.Succeeded, kept.Phase);
            Assert.Equal(done.Version, kept.Version);
            var holds = (await cluster.Dataset("fashion").GetAsync(GrainCluster.Cancel))!.Holds;
            Assert.Contains(holds, hold => hold.Holder == $"model/m{n}@1");
            Assert.DoesNotContain(holds, hold => hold.Holder == $"run/{id}");
        }
        stop.SetResult();
        await worker;
    }

    /// <summary>Plays the workers, as the supervisor does: each call is repeated until it is answered, and a stale attempt ends.</summary>
    private static async Task WorkAsync(GrainCluster cluster, Task until)
    {
        while (true)
        {
            var next = cluster.Supervisor().NextAsync();
            await Task.WhenAny(next, until);
            if (!next.IsCompleted)
                return;
            var work = await next;
            var run = cluster.Run(work.Run.Value);
            var directive = await GrainCluster.RetryAsync(() =>
                run.ReportAsync(TestRuns.Report(work.Attempt, 10), GrainCluster.Cancel)
            );
            if (directive is AttemptDirective.Continue)
                directive = await GrainCluster.RetryAsync(() =>
                    run.ReportCheckpointAsync(
                        work.Attempt,
                        TestRuns.Checkpoint(work.Run.Value, 10),
                        GrainCluster.Cancel
                    )
                );
            if (directive is AttemptDirective.Continue)
                await GrainCluster.RetryAsync(() =>
                    run.CompleteAsync(TestRuns.Result(work), GrainCluster.Cancel)
                );
            cluster.Supervisor().Finish(work.Run);
        }
    }

    private static Task<IReadOnlyList<MetricPoint>> PointsAsync(GrainCluster cluster) =>
        cluster.Metrics.ReadAsync(new TrainingRunId("r1"), null, 100, GrainCluster.Cancel);
}
