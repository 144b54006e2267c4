using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Cluster.Tests.Operations;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cluster.Tests.Training;

[Trait("category", "cluster")]
public sealed class ZombieTests(ClusterFixture cluster, ITestOutputHelper output)
{
    [Fact]
    public async Task A_silo_and_worker_stopped_past_the_lease_and_continued_can_not_write()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var undisturbed = await cluster.LongUndisturbedAsync();
        var run = await cluster.SubmitLongAsync("zombie");
        var before = await cluster.WatchAsync(
            run,
            snapshot => snapshot.Phase == TrainingRunPhase.Running && snapshot.Checkpoints.Count > 0
        );
        var silo = ClusterFixture.SiloOf(before);
        var process = cluster.Script.ProcessId(silo);
        var worker = Processes.WorkerOf(process);
        output.WriteLine(
            $"stop {silo} ({process}) and its worker ({worker}) at {before.Progress?.Step}"
        );
        await Processes.SignalAsync("STOP", process, worker);

        TrainingRunSnapshot taken;
        try
        {
            taken = await cluster.WatchAsync(
                run,
                snapshot =>
                    snapshot.Phase == TrainingRunPhase.Running && snapshot.Attempt > before.Attempt
            );
            // Past the lease it may still come back as a member; only a silo that the others declared dead has to end.
            await cluster.DeclaredDeadAsync(silo);
        }
        finally
        {
            await Processes.SignalAsync("CONT", worker, process);
        }
        Assert.NotEqual(silo, ClusterFixture.SiloOf(taken));

        // The zombie and its worker find out that their time is over, each by itself.
        await Processes.EndedAsync(worker, cancellationToken);
        await Processes.EndedAsync(process, cancellationToken);
        await RefuseWritesAsync(run, before.Attempt, cancellationToken);

        await cluster.Script.RunAsync("scale", "3");
        var ended = await cluster.WatchAsync(run, snapshot => snapshot.EndedAt is not null);
        await cluster.AssertWeightsAsync(ended, undisturbed.Weights);
        Assert.Equal(AttemptOutcome.LeaseLost, ended.Attempts[0].Outcome);
        await AssertMetricsAreAlikeAsync(run, undisturbed.Id, cancellationToken);
        await RefuseWritesAsync(run, before.Attempt, cancellationToken);
    }

    // What a worker of the older attempt had on its way: a metric, a checkpoint, a model.
    private async Task RefuseWritesAsync(
        TrainingRunId run,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        using var host = await cluster.ConnectAsync();
        var grain = host
            .Services.GetRequiredService<IGrainFactory>()
            .GetGrain<ITrainingRunGrain>(run.Value);
        var versions = await VersionsAsync(cancellationToken);
        var before = (await grain.GetAsync(cancellationToken))!;
        var progress = new TrainingProgress
        {
            Step = 1,
            TotalSteps = 1,
            Epoch = 1,
            Epochs = 1,
        };
        var poisoned = before.Checkpoints[^1] with { Step = 999_999 };

        var answers = new[]
        {
            await grain.ReportAsync(
                new AttemptReport
                {
                    Attempt = attempt,
                    Progress = progress,
                    Points =
                    [
                        new MetricPoint
                        {
                            Step = poisoned.Step,
                            Epoch = 1,
                            Series = "step",
                            ElapsedSeconds = 0,
                            Values = new Dictionary<string, double> { ["loss"] = 1 },
                        },
                    ],
                },
                cancellationToken
            ),
            await grain.ReportCheckpointAsync(attempt, poisoned, cancellationToken),
            await grain.CompleteAsync(
                new AttemptResult
                {
                    Attempt = attempt,
                    Onnx = poisoned.Artifact,
                    Weights = poisoned.Artifact,
                    Signature = new ModelSignature { Inputs = [], Outputs = [] },
                    Evaluations = [],
                    Progress = progress,
                },
                cancellationToken
            ),
        };
        await grain.EndAttemptAsync(
            new AttemptEnd { Attempt = attempt, Outcome = AttemptOutcome.InvalidInput },
            cancellationToken
        );

        Assert.All(answers, answer => Assert.Equal(AttemptDirective.Stale, answer));
        var after = (await grain.GetAsync(cancellationToken))!;
        Assert.Equal(before.Attempt, after.Attempt);
        Assert.NotEqual(TrainingRunPhase.Failed, after.Phase);
        Assert.DoesNotContain(after.Checkpoints, checkpoint => checkpoint.Step == poisoned.Step);
        var points = await cluster.Client.Runs.MetricsAsync(run, "step", 10_000, cancellationToken);
        Assert.NotEmpty(points);
        Assert.DoesNotContain(points, point => point.Step == poisoned.Step);
        // The run's own attempt may have registered its version meanwhile, never a second one.
        Assert.InRange(
            await VersionsAsync(cancellationToken),
            versions,
            versions + (after.EndedAt is null || before.EndedAt is not null ? 0 : 1)
        );
        await host.StopAsync(cancellationToken);
    }

    private async Task<int> VersionsAsync(CancellationToken cancellationToken) =>
        (
            await cluster.Client.Models.GetAsync(ClusterFixture.Model, cancellationToken)
        ).LatestVersion;

    private async Task AssertMetricsAreAlikeAsync(
        TrainingRunId run,
        TrainingRunId undisturbed,
        CancellationToken cancellationToken
    )
    {
        Assert.Equal(await ReadAsync(undisturbed), await ReadAsync(run));

        async Task<List<string>> ReadAsync(TrainingRunId id) =>
            [
                .. (
                    await cluster.Client.Runs.MetricsAsync(id, "step", 10_000, cancellationToken)
                ).Select(point => $"{point.Step} {point.Values["loss"]:R}"),
            ];
    }
}
