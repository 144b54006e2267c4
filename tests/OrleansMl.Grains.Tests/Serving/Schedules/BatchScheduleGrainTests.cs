using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Tests.Operations;
using static OrleansMl.Grains.Tests.Serving.Schedules.ScheduledCluster;

namespace OrleansMl.Grains.Tests.Serving.Schedules;

public sealed class BatchScheduleGrainTests
{
    private const string First = "nightly-20260101t001000z";
    private const string Second = "nightly-20260101t002000z";
    private const string Third = "nightly-20260101t003000z";
    private static readonly TimeSpan Ten = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Each_time_makes_one_job_with_the_versions_of_then()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);

        await cluster.RemindAsync();
        Assert.Empty(await cluster.JobsAsync());
        var fired = await cluster.AdvanceAsync(Ten);
        await cluster.RemindAsync();
        await cluster.EndAsync(First);
        await cluster
            .Cluster.Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c2"), GrainCluster.Cancel);
        await cluster.ImportAsync("d2");
        var again = await cluster.AdvanceAsync(Ten);

        Assert.Equal([First, Second], await cluster.JobsAsync());
        var (first, second) = (await cluster.JobAsync(First), await cluster.JobAsync(Second));
        Assert.Equal(("churn@1", "people@1"), ($"{first!.Spec.Model}", $"{first.Spec.Dataset}"));
        Assert.Equal(("churn@2", "people@2"), ($"{second!.Spec.Model}", $"{second.Spec.Dataset}"));
        Assert.Equal((100L, "schedule/nightly"), (first.Spec.Rows, first.Spec.SubmittedBy));
        Assert.Equal([FiringOutcome.Started], fired.Firings.Select(f => f.Outcome));
        Assert.Equal([Second, First], again.Firings.Select(f => f.Job));
        Assert.Equal(Second, again.Job);
        Assert.Equal(cluster.Cluster.Time.GetUtcNow() + Ten, again.Next[0]);
    }

    [Fact]
    public async Task Whatever_dies_between_two_writes_each_time_makes_just_one_job()
    {
        for (var failAt = 1; ; failAt++)
        {
            foreach (var afterTheWrite in new[] { false, true })
            {
                await using var cluster = await StartAsync();
                await cluster.SetAsync(Spec);
                cluster.Cluster.Time.Advance(Ten);
                cluster.Cluster.Faults.Arm(failAt, afterTheWrite);
                try
                {
                    await cluster.RemindAsync();
                }
                catch (Exception error) when (GrainCluster.IsTransient(error))
                {
                    // The reminder comes again.
                }
                var (struck, at) = (cluster.Cluster.Faults.Struck, cluster.Cluster.Faults.StruckAt);
                cluster.Cluster.Faults.Disarm();
                await cluster.Cluster.DeactivateAsync(cluster.Grain);
                await cluster.Cluster.DeactivateAsync(
                    cluster.Cluster.Grains.GetGrain<IInferenceJobGrain>(First)
                );
                var done = await cluster.AdvanceAsync(TimeSpan.FromMinutes(1));

                Assert.True(await cluster.JobsAsync() is [First], at);
                Assert.Equal(
                    (FiringOutcome.Started, First),
                    done.Firings.Select(f => (f.Outcome, f.Job!)).Single()
                );
                Assert.Null(done.Pending);
                Assert.Equal(InferenceJobPhase.Queued, (await cluster.JobAsync(First))!.Phase);
                if (!struck)
                {
                    Assert.True(failAt > 4, $"only {failAt - 1} writes failed");
                    return;
                }
            }
        }
    }

    [Fact]
    public async Task A_schedule_is_kept_and_woken_across_activations_and_by_its_reminder_alone()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);
        var reminder = await cluster.ReminderAsync();
        await cluster.Cluster.DeactivateAsync(cluster.Grain);

        var fired = await cluster.AdvanceAsync(Ten);

        Assert.Equal(TimeSpan.FromMinutes(1), reminder!.Period);
        Assert.Equal([First], await cluster.JobsAsync());
        Assert.Equal((1L, Spec.Cron), (fired.Revision, fired.Spec.Cron));
    }

    [Fact]
    public async Task A_job_that_goes_on_is_not_disturbed_by_a_schedule_that_skips()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);
        await cluster.AdvanceAsync(Ten);

        var skipped = await cluster.AdvanceAsync(Ten);
        await cluster.EndAsync(First);
        await cluster.AdvanceAsync(Ten);

        Assert.Equal([First, Third], await cluster.JobsAsync());
        Assert.Equal(FiringOutcome.Overlapped, skipped.Firings[0].Outcome);
        Assert.Contains(First, skipped.Firings[0].Error);
    }

    [Fact]
    public async Task One_firing_waits_for_the_earlier_jobs_end_and_further_ones_make_none()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec with { Overlap = OverlapPolicy.Queue });
        await cluster.AdvanceAsync(Ten);

        var waiting = await cluster.AdvanceAsync(Ten);
        var further = await cluster.AdvanceAsync(Ten);
        await cluster.EndAsync(First);
        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        var began = await cluster.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(
            (FiringOutcome.Waiting, Second),
            (waiting.Pending!.Outcome, waiting.Pending.Job)
        );
        Assert.Equal(FiringOutcome.Overlapped, further.Firings[0].Outcome);
        Assert.Equal([First, Second], await cluster.JobsAsync());
        Assert.Equal((Second, null), (began.Job, began.Pending));
    }

    [Fact]
    public async Task An_earlier_job_is_cancelled_where_the_schedule_says_so()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec with { Overlap = OverlapPolicy.Cancel });
        await cluster.AdvanceAsync(Ten);

        var fired = await cluster.AdvanceAsync(Ten);

        Assert.Equal(InferenceJobPhase.Cancelled, (await cluster.JobAsync(First))!.Phase);
        Assert.Equal(InferenceJobPhase.Queued, (await cluster.JobAsync(Second))!.Phase);
        Assert.Equal(
            (FiringOutcome.Started, First),
            (fired.Firings[0].Outcome, fired.Firings[0].Cancels)
        );
    }

    [Fact]
    public async Task After_a_downtime_the_policy_says_what_is_made_up_for()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);
        var once = await cluster.AdvanceAsync(TimeSpan.FromMinutes(36));
        await cluster.EndAsync(Third);
        await cluster.SetAsync(Spec with { Misfire = MisfirePolicy.Skip });
        var none = await cluster.AdvanceAsync(TimeSpan.FromMinutes(30));

        Assert.Equal([Third], await cluster.JobsAsync());
        Assert.Equal(
            [(FiringOutcome.Started, 1), (FiringOutcome.Missed, 2)],
            once.Firings.Select(f => (f.Outcome, f.Count))
        );
        Assert.Equal((FiringOutcome.Missed, 3), (none.Firings[0].Outcome, none.Firings[0].Count));
    }

    [Fact]
    public async Task A_paused_schedule_does_nothing_and_a_resumed_one_makes_up_for_nothing()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);

        var paused = await cluster.Grain.PauseAsync(true, GrainCluster.Cancel);
        await cluster.AdvanceAsync(3 * Ten);
        var resumed = await cluster.Grain.PauseAsync(false, GrainCluster.Cancel);
        await cluster.RemindAsync();

        Assert.Empty(await cluster.JobsAsync());
        Assert.Equal((0, 5), (paused.Next.Count, resumed.Next.Count));
        await cluster.AdvanceAsync(Ten);
        Assert.Single(await cluster.JobsAsync());
        Assert.Single((await cluster.GetAsync()).Firings);
    }

    [Fact]
    public async Task A_firing_by_hand_is_one_firing_for_one_command_and_keeps_to_the_overlap_policy()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec with { Paused = true });

        var first = await cluster.Grain.RunAsync("a", GrainCluster.Cancel);
        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        var repeated = await cluster.Grain.RunAsync("a", GrainCluster.Cancel);
        var overlapped = await cluster.Grain.RunAsync("b", GrainCluster.Cancel);

        Assert.Equal((FiringOutcome.Started, true), (first.Outcome, first.ByHand));
        Assert.Equal(first, repeated);
        Assert.Equal(FiringOutcome.Overlapped, overlapped.Outcome);
        Assert.Equal([first.Job!], await cluster.JobsAsync());
    }

    [Fact]
    public async Task A_job_that_can_not_be_submitted_now_is_tried_again_and_one_that_never_can_has_failed()
    {
        await using var cluster = await StartAsync(options => options.SubmitTries = 3);
        await cluster.SetAsync(Spec);
        cluster.Cluster.Faults.Arm(0, false, only: $"state inference-job");
        cluster.Cluster.Faults.Down = true;

        var trying = await cluster.AdvanceAsync(Ten);
        await cluster.AdvanceAsync(TimeSpan.FromMinutes(1));
        cluster.Cluster.Faults.Down = false;
        var started = await cluster.AdvanceAsync(TimeSpan.FromMinutes(1));
        await cluster.EndAsync(First);
        await cluster.Cluster.Dataset("people").DeleteAsync(null, GrainCluster.Cancel);
        var failed = await cluster.AdvanceAsync(Ten);

        Assert.Equal((FiringOutcome.Starting, 1), (trying.Pending!.Outcome, trying.Pending.Tries));
        Assert.Equal(
            (FiringOutcome.Started, 2),
            (started.Firings[0].Outcome, started.Firings[0].Tries)
        );
        Assert.Equal(FiringOutcome.Failed, failed.Firings[0].Outcome);
        Assert.Contains("no dataset people@latest", failed.Firings[0].Error);
        Assert.Null(failed.Pending);
    }

    [Fact]
    public async Task Tries_have_an_end()
    {
        await using var cluster = await StartAsync(options => options.SubmitTries = 2);
        await cluster.SetAsync(Spec);
        cluster.Cluster.Faults.Arm(0, false, only: "state inference-job");
        cluster.Cluster.Faults.Down = true;

        await cluster.AdvanceAsync(Ten);
        var failed = await cluster.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(
            (FiringOutcome.Failed, 2),
            (failed.Firings[0].Outcome, failed.Firings[0].Tries)
        );
    }

    [Fact]
    public async Task The_id_of_another_job_is_not_taken()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);
        await cluster
            .Cluster.Grains.GetGrain<IInferenceJobGrain>(First)
            .SubmitAsync(
                new InferenceJobSpec
                {
                    Model = new ModelVersionId("churn", 1),
                    Dataset = new DatasetVersionId("people", 1),
                    Rows = 100,
                    SubmittedBy = "somebody",
                },
                GrainCluster.Cancel
            );

        var fired = await cluster.AdvanceAsync(Ten);

        Assert.Equal(FiringOutcome.Failed, fired.Firings[0].Outcome);
        Assert.Contains("another job's", fired.Firings[0].Error);
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_a_stale_revision_is_refused()
    {
        await using var cluster = await StartAsync();
        var first = await cluster.SetAsync(Spec, expected: 0);
        var same = await cluster.SetAsync(Spec with { SetBy = "another" }, expected: 0);
        var changed = await cluster.SetAsync(Spec with { Overlap = OverlapPolicy.Queue }, 1);

        Assert.Equal((1L, 1L, 2L), (first.Revision, same.Revision, changed.Revision));
        await Assert.ThrowsAsync<ConflictException>(() =>
            cluster.SetAsync(Spec with { Overlap = OverlapPolicy.Cancel }, 1)
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            cluster.SetAsync(Spec with { Cron = "never" })
        );
        Assert.Equal(2, (await cluster.GetAsync()).Revision);
    }

    [Fact]
    public async Task There_are_no_more_schedules_than_may_be_and_firings_no_closer()
    {
        await using var cluster = await StartAsync(options =>
            (options.Limit, options.MinInterval) = (1, TimeSpan.FromMinutes(10))
        );
        await cluster.SetAsync(Spec);

        await Assert.ThrowsAsync<OverloadedException>(() =>
            cluster
                .Cluster.Grains.GetGrain<IBatchScheduleGrain>("other")
                .SetAsync(Spec, null, GrainCluster.Cancel)
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            cluster.SetAsync(Spec with { Cron = "*/9 * * * *" })
        );
        await cluster.SetAsync(Spec with { Cron = "0 * * * *" });
        await cluster.Grain.DeleteAsync(GrainCluster.Cancel);
        await cluster
            .Cluster.Grains.GetGrain<IBatchScheduleGrain>("other")
            .SetAsync(Spec, null, GrainCluster.Cancel);
    }

    [Fact]
    public async Task A_deleted_schedule_fires_no_more_whatever_reminds_of_it()
    {
        await using var cluster = await StartAsync();
        await cluster.SetAsync(Spec);
        await cluster.Grain.DeleteAsync(GrainCluster.Cancel);
        await cluster.Grain.DeleteAsync(GrainCluster.Cancel);
        cluster.Cluster.Time.Advance(Ten);

        await cluster.RemindAsync();

        Assert.Empty(await cluster.JobsAsync());
        Assert.Null(await cluster.Grain.GetAsync(GrainCluster.Cancel));
        Assert.Null(await cluster.ReminderAsync());
        Assert.Null(cluster.Cluster.Catalog.Find(CatalogKinds.BatchSchedule, Name));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            cluster.Grain.RunAsync("a", GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task History_is_bounded_and_past_its_end_a_schedule_sleeps()
    {
        await using var cluster = await StartAsync(options => options.History = 2);
        await cluster.SetAsync(Spec with { Until = cluster.Cluster.Time.GetUtcNow() + (4 * Ten) });

        for (var i = 0; i < 6; i++)
            await cluster.AdvanceAsync(Ten);

        var ended = await cluster.GetAsync();
        Assert.Equal(2, ended.Firings.Count);
        Assert.Empty(ended.Next);
        Assert.Null(await cluster.ReminderAsync());
        Assert.Equal([First], await cluster.JobsAsync());
    }
}
