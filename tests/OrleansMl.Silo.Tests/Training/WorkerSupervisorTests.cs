using System.Collections.Concurrent;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Silo.Tests.Training;

public sealed class WorkerSupervisorTests
{
    private const string FewSteps = "step\nstep\ncheckpoint\nstep\n";

    [Fact]
    public async Task A_worker_trains_and_its_points_checkpoint_and_model_reach_the_run()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt(FewSteps);

        var checkpoint = await fixture.Run.NextAsync<CheckpointReference>();
        var result = await fixture.Run.NextAsync<AttemptResult>();
        await fixture.IdleAsync();

        Assert.Equal(2, checkpoint.Step);
        Assert.Equal("2", fixture.Artifacts.Text(checkpoint.Artifact));
        Assert.Equal(1, result.Attempt);
        Assert.Equal("weights at 3", fixture.Artifacts.Text(result.Weights));
        Assert.Equal("onnx", fixture.Artifacts.Text(result.Onnx));
        Assert.Equal([1L, 2L, 3L], fixture.Run.Points.Select(point => point.Step));
        Assert.Equal(0, fixture.Artifacts.OpenLeases);
        Assert.Empty(Directory.GetFileSystemEntries(fixture.Directories.Scratch));
    }

    [Fact]
    public async Task A_model_that_is_not_the_trained_one_never_reaches_the_run()
    {
        using var fixture = new SupervisorFixture
        {
            ModelRefusal = new InvalidInputException("output 'y' differs."),
        };
        var told = new ConcurrentBag<object>();
        fixture.Run.Answer = message =>
        {
            told.Add(message);
            return AttemptDirective.Continue;
        };
        fixture.StartAttempt(FewSteps);

        var end = await fixture.Run.NextAsync<AttemptEnd>();
        await fixture.IdleAsync();

        Assert.Equal(AttemptOutcome.InvalidInput, end.Outcome);
        Assert.Equal("output 'y' differs.", end.Error);
        Assert.Single(told.OfType<CheckpointReference>());
        Assert.Empty(told.OfType<AttemptResult>());
        Assert.Empty(Directory.GetFileSystemEntries(fixture.Directories.Scratch));
    }

    [Fact]
    public async Task A_check_that_breaks_is_an_error_that_another_attempt_may_not_have()
    {
        using var fixture = new SupervisorFixture
        {
            ModelRefusal = new IOException("The disk is away."),
        };
        fixture.StartAttempt(FewSteps);

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(AttemptOutcome.Error, end.Outcome);
        Assert.Contains(
            "could not be checked: IOException: The disk is away.",
            end.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_resumed_attempt_gets_its_checkpoint_and_shards_as_files()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt("shards\nstep\nfail", attempt: 2, from: 41);

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal([42L], fixture.Run.Points.Select(point => point.Step));
        Assert.Contains("rows", end.LogTail);
    }

    [Fact]
    public async Task An_aborting_worker_costs_the_attempt_and_leaves_its_last_lines()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt("say before the abort\nstep\nabort");

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(AttemptOutcome.Crashed, end.Outcome);
        Assert.Contains("signal 6", end.Error);
        Assert.Contains("before the abort", end.LogTail);
    }

    [Fact]
    public async Task A_worker_that_leaks_is_killed_at_its_limit()
    {
        using var fixture = new SupervisorFixture(memoryLimit: 300L * 1024 * 1024);
        fixture.StartAttempt("leak");

        var end = await fixture.Run.NextAsync<AttemptEnd>();
        await fixture.IdleAsync();

        Assert.Equal(AttemptOutcome.OutOfMemory, end.Outcome);
        Assert.Contains("Workers:MemoryLimitBytes", end.Error);
        Assert.False(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
    }

    [Fact]
    public async Task A_stopped_worker_counts_as_hung_and_is_killed()
    {
        using var fixture = new SupervisorFixture(options => options.HeartbeatTimeoutSeconds = 1);
        fixture.StartAttempt("step\nstop-process");

        var end = await fixture.Run.NextAsync<AttemptEnd>();
        await fixture.IdleAsync();

        Assert.Equal(AttemptOutcome.Hung, end.Outcome);
        Assert.Contains("Workers:HeartbeatTimeoutSeconds", end.Error);
        Assert.False(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
    }

    [Fact]
    public async Task A_worker_that_beats_but_makes_no_step_counts_as_hung()
    {
        using var fixture = new SupervisorFixture(options => options.StallTimeoutSeconds = 1);
        fixture.StartAttempt("step\nfreeze");

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(AttemptOutcome.Hung, end.Outcome);
        Assert.Contains("Workers:StallTimeoutSeconds", end.Error);
    }

    [Theory]
    [InlineData("bad-input", AttemptOutcome.InvalidInput, "The column 'x' is missing.")]
    [InlineData("fail", AttemptOutcome.Error, "No luck.")]
    public async Task What_the_engine_throws_becomes_the_outcome(
        string command,
        AttemptOutcome outcome,
        string error
    )
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt(command);

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(outcome, end.Outcome);
        Assert.Contains(error, end.Error);
    }

    [Fact]
    public async Task A_missing_worker_program_ends_the_attempt_with_its_path()
    {
        using var fixture = new SupervisorFixture(options => options.Path = "/no/such/worker");
        fixture.StartAttempt(FewSteps);

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(AttemptOutcome.Error, end.Outcome);
        Assert.Contains("Workers:Path", end.Error);
        Assert.Contains("/no/such/worker", end.Error);
    }

    [Fact]
    public async Task A_stale_answer_kills_the_worker_and_tells_nothing_more()
    {
        using var fixture = new SupervisorFixture();
        fixture.Run.Answer = _ => AttemptDirective.Stale;
        fixture.StartAttempt("step\nfreeze");

        await fixture.Run.NextAsync<AttemptReport>();
        await fixture.IdleAsync();

        Assert.False(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
        fixture.Run.Answer = _ => AttemptDirective.Continue;
        fixture.StartAttempt("fail", attempt: 2);
        Assert.Equal(2, (await fixture.Run.NextAsync<AttemptEnd>()).Attempt);
    }

    [Fact]
    public async Task A_cancel_answer_stops_the_worker()
    {
        using var fixture = new SupervisorFixture();
        fixture.Run.Answer = what =>
            what is AttemptReport ? AttemptDirective.Cancel : AttemptDirective.Continue;
        fixture.StartAttempt("step\nwait\nstep");

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(AttemptOutcome.Cancelled, end.Outcome);
    }

    [Fact]
    public async Task A_worker_that_ignores_stop_is_killed()
    {
        using var fixture = new SupervisorFixture(options => options.StopTimeoutSeconds = 0.2);
        fixture.StartAttempt("step\nfreeze");
        await fixture.Run.NextAsync<AttemptReport>();

        await fixture.Supervisor.StopAsync(
            SupervisorFixture.Slot,
            new TrainingRunId("run-1"),
            1,
            TestContext.Current.CancellationToken
        );

        Assert.False(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
        Assert.Equal(AttemptOutcome.Cancelled, (await fixture.Run.NextAsync<AttemptEnd>()).Outcome);
    }

    [Fact]
    public async Task Reports_are_tried_again_while_the_cluster_is_away()
    {
        using var fixture = new SupervisorFixture();
        var failures = 3;
        fixture.Run.Answer = _ =>
            failures-- > 0
                ? throw new TimeoutException("The database is away.")
                : AttemptDirective.Continue;
        fixture.StartAttempt(FewSteps);

        await fixture.Run.NextAsync<AttemptResult>();

        Assert.Equal([1L, 2L, 3L], fixture.Run.Points.Select(point => point.Step));
    }

    [Fact]
    public async Task Reports_that_can_not_be_delivered_end_the_attempt()
    {
        using var fixture = new SupervisorFixture(options => options.ReportPatienceSeconds = 0.5);
        fixture.Run.Answer = what =>
            what is AttemptReport
                ? throw new TimeoutException("The database is away.")
                : AttemptDirective.Continue;
        fixture.StartAttempt("step\nfreeze");

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        Assert.Equal(AttemptOutcome.Error, end.Outcome);
        Assert.Contains("could not be delivered", end.Error);
    }

    [Fact]
    public async Task A_silo_that_can_not_report_makes_the_worker_wait_instead_of_growing()
    {
        using var fixture = new SupervisorFixture(options =>
        {
            options.MaxPendingPoints = 1_000;
            options.HeartbeatTimeoutSeconds = 0.5;
        });
        var away = new TaskCompletionSource();
        var refused = new TaskCompletionSource();
        fixture.Run.Answer = _ =>
        {
            if (away.Task.IsCompleted)
                return AttemptDirective.Continue;
            refused.TrySetResult();
            throw new TimeoutException("The database is away.");
        };
        fixture.StartAttempt(string.Concat(Enumerable.Repeat("step\n", 5_000)));

        await refused.Task;
        away.SetResult();
        await fixture.Run.NextAsync<AttemptResult>();

        Assert.Equal(
            Enumerable.Range(1, 5_000).Select(step => (long)step),
            fixture.Run.Points.Select(point => point.Step)
        );
    }

    [Fact]
    public async Task Draining_hands_over_after_the_checkpoint_was_accepted_and_takes_no_more()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt("step\nhand-over");
        await fixture.Run.NextAsync<AttemptReport>();

        await fixture.Supervisor.DrainAsync(
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(1, (await fixture.Run.NextAsync<CheckpointReference>()).Step);
        Assert.Equal(
            AttemptOutcome.HandedOver,
            (await fixture.Run.NextAsync<AttemptEnd>()).Outcome
        );
        Assert.Throws<UnavailableException>(() => fixture.StartAttempt("step", attempt: 2));
    }

    [Fact]
    public async Task Draining_kills_a_worker_that_does_not_hand_over_in_time()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt("step\nfreeze");
        await fixture.Run.NextAsync<AttemptReport>();

        await fixture.Supervisor.DrainAsync(
            TimeSpan.FromMilliseconds(300),
            TestContext.Current.CancellationToken
        );

        Assert.False(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
        Assert.All(fixture.Supervisor.Slots, slot => Assert.Null(slot.Run));
    }

    [Fact]
    public async Task The_same_attempt_again_does_nothing_and_another_run_is_refused()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt("step\nfreeze");
        await fixture.Run.NextAsync<AttemptReport>();

        fixture.StartAttempt("step\nfreeze");
        var refused = Assert.Throws<ConflictException>(() =>
            fixture.StartAttempt("step", run: "run-2")
        );

        Assert.Contains("run-1", refused.Message);
        Assert.Single(fixture.ProcessIds);
        Assert.Throws<NotFoundException>(() =>
            fixture.Supervisor.Start("silo-1/cuda:7", fixture.Assign("step", 1))
        );
        await fixture.Supervisor.StopAsync(
            SupervisorFixture.Slot,
            new TrainingRunId("run-1"),
            2,
            TestContext.Current.CancellationToken
        );
        Assert.True(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
        await fixture.Supervisor.DrainAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_newer_attempt_of_the_same_run_replaces_the_older_one()
    {
        using var fixture = new SupervisorFixture();
        fixture.StartAttempt("step\nfreeze");
        await fixture.Run.NextAsync<AttemptReport>();

        fixture.StartAttempt(FewSteps, attempt: 2);

        Assert.Equal(2, (await fixture.Run.NextAsync<AttemptResult>()).Attempt);
        Assert.False(SupervisorFixture.IsAlive(fixture.ProcessIds[0]));
    }

    [Fact]
    public async Task A_worker_gets_the_environment_that_training_needs_and_no_secrets()
    {
        Environment.SetEnvironmentVariable("OML_TEST_SECRET", "hidden");
        using var fixture = new SupervisorFixture(options => options.Threads = 2);
        fixture.StartAttempt(
            "environment MALLOC_MMAP_THRESHOLD_\nenvironment MALLOC_TRIM_THRESHOLD_\nenvironment OMP_WAIT_POLICY\nenvironment OMP_NUM_THREADS\nenvironment ORT_DISABLE_TELEMETRY\nenvironment OML_TEST_SECRET\nfail"
        );

        var end = await fixture.Run.NextAsync<AttemptEnd>();

        string[] expected =
        [
            "MALLOC_MMAP_THRESHOLD_=1000000000",
            "MALLOC_TRIM_THRESHOLD_=1000000000",
            "OMP_WAIT_POLICY=passive",
            "OMP_NUM_THREADS=2",
            "ORT_DISABLE_TELEMETRY=1",
            "OML_TEST_SECRET=(unset)",
        ];
        Assert.Superset(expected.ToHashSet(), end.LogTail.ToHashSet());
    }
}
