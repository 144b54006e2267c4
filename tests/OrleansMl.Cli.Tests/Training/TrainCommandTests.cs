using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Tests.Training;

public sealed class TrainCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_submitted_run_is_named_with_its_place_in_the_queue()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/runs",
            Run(TrainingRunPhase.Queued) with
            {
                QueuePosition = 3,
            },
            202
        );

        var run = await CliRun.Of(gateway, "name: x", false, Token, "train", "-", "--run-id", "r1");

        Assert.Equal(0, run.Code);
        Assert.Contains("run r1 is queued (3), on fashion@1 for model fashion", run.Out);
        var request = Assert.Single(gateway.Requests);
        Assert.Equal(("?runId=r1", "name: x"), (request.Query, request.Text));
    }

    [Fact]
    public async Task Following_writes_phases_epochs_and_the_scores()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .OnJson("POST", "/api/v1/runs", Run(TrainingRunPhase.Queued), 202)
            .On(
                "GET",
                "/api/v1/runs/r1/events",
                async (context, _) =>
                {
                    await FakeGateway.Event(
                        context,
                        "update",
                        Event(1, Run(TrainingRunPhase.Queued) with { QueuePosition = 1 })
                    );
                    await FakeGateway.Event(
                        context,
                        "update",
                        Event(
                            2,
                            Run(TrainingRunPhase.Running) with
                            {
                                Attempt = 1,
                            },
                            new MetricPoint
                            {
                                Step = 10,
                                Epoch = 1,
                                Series = "validation",
                                ElapsedSeconds = 2,
                                Values = new Dictionary<string, double>
                                {
                                    ["loss"] = 0.5,
                                    ["accuracy"] = 0.8125,
                                },
                            }
                        )
                    );
                    await FakeGateway.Event(context, "end", Succeeded());
                }
            );

        var run = await CliRun.Of(
            gateway,
            "name: x",
            false,
            Token,
            "train",
            "-",
            "--follow",
            "--run-id",
            "r1"
        );

        Assert.Equal(0, run.Code);
        var lines = run.Out.Split('\n').Select(l => l.TrimEnd()).ToList();
        Assert.Equal(
            [
                "run r1 on fashion@1 for model fashion",
                "queued (1)",
                "running, attempt 1",
                "epoch 1 validation: accuracy 0.8125, loss 0.5 (2.0 s)",
                "succeeded, attempt 1",
                "run r1 succeeded in 12.5 s: model fashion@4",
            ],
            lines.Take(6)
        );
        Assert.Contains("accuracy 0.9123", run.Out);
        Assert.Contains("champion moved: accuracy 0.9123 >= 0.9", run.Out);
    }

    [Fact]
    public async Task With_json_the_final_state_is_all_that_comes()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .OnJson("POST", "/api/v1/runs", Run(TrainingRunPhase.Queued), 202)
            .On(
                "GET",
                "/api/v1/runs/r1/events",
                (context, _) => FakeGateway.Event(context, "end", Succeeded())
            );

        var run = await CliRun.Of(
            gateway,
            "name: x",
            false,
            Token,
            "train",
            "-",
            "-f",
            "--run-id",
            "r1",
            "--json"
        );

        Assert.Equal("succeeded", run.Json.GetProperty("phase").GetString());
        Assert.Equal("fashion@4", run.Json.GetProperty("version").GetString());
    }

    [Fact]
    public async Task A_run_that_fails_exits_1_with_its_error_and_the_workers_last_lines()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/runs/r1/events",
            (context, _) =>
                FakeGateway.Event(
                    context,
                    "end",
                    Run(TrainingRunPhase.Failed) with
                    {
                        Error = "3 of 3 attempts failed",
                        Attempts =
                        [
                            new AttemptSnapshot
                            {
                                Number = 3,
                                Slot = "silo-1/cpu:0",
                                LogTail = ["out of memory"],
                            },
                        ],
                    }
                )
        );

        var run = await CliRun.Of(gateway, "runs", "watch", "r1");

        Assert.Equal(1, run.Code);
        Assert.Equal("run r1 failed: 3 of 3 attempts failed\n  out of memory\n", run.Error);
    }

    [Fact]
    public async Task An_interrupted_watch_says_that_the_run_goes_on()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var interrupt = new CancellationTokenSource();
        gateway.On(
            "GET",
            "/api/v1/runs/r1/events",
            async (context, _) =>
            {
                await FakeGateway.Event(context, "update", Event(1, Run(TrainingRunPhase.Running)));
                await interrupt.CancelAsync();
                await Task.Delay(
                    Timeout.InfiniteTimeSpan,
                    TimeProvider.System,
                    context.RequestAborted
                );
            }
        );

        var run = await CliRun.Of(gateway, "", false, interrupt.Token, "runs", "watch", "r1");

        Assert.Equal(130, run.Code);
        Assert.Contains("oml runs cancel r1", run.Error);
    }

    [Fact]
    public async Task Errors_in_the_configuration_come_with_their_places()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/runs",
            new
            {
                error = "the configuration has 1 error",
                code = "invalid_config",
                details = new[]
                {
                    new
                    {
                        line = 4,
                        column = 3,
                        message = "unknown key 'epoch', nearest 'epochs'",
                    },
                },
            },
            400
        );

        var run = await CliRun.Of(gateway, "epoch: 1", false, Token, "train", "-");

        Assert.Equal(2, run.Code);
        Assert.Equal(
            "error: the configuration has 1 error\n  line 4, column 3: unknown key 'epoch', nearest 'epochs'\n",
            run.Error
        );
    }

    [Fact]
    public async Task Runs_are_listed_and_compared_in_tables()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "GET",
            "/api/v1/runs/compare",
            new RunComparison
            {
                Split = "test",
                Dataset = new DatasetVersionId("fashion", 1),
                Runs = [Compared("r1", 0.91), Compared("r2", 0.92)],
            }
        );

        var run = await CliRun.Of(gateway, "runs", "compare", "r1", "r2");

        Assert.Equal("?ids=r1%2Cr2&split=test", Assert.Single(gateway.Requests).Query);
        Assert.Matches("r1 +cnn +fashion +3.0 +0.91", run.Out);
        Assert.Matches("r2 +cnn +fashion +3.0 +0.92", run.Out);
    }

    private static ComparedRun Compared(string id, double accuracy) =>
        new()
        {
            Id = new TrainingRunId(id),
            Name = "cnn",
            Model = "fashion",
            TrainingSeconds = 3,
            Metrics = new Dictionary<string, double> { ["accuracy"] = accuracy },
        };

    private static TrainingEvent Event(
        long sequence,
        TrainingRunSnapshot run,
        params MetricPoint[] points
    ) =>
        new()
        {
            Sequence = sequence,
            Run = run,
            Points = points,
        };

    private static TrainingRunSnapshot Succeeded() =>
        Run(TrainingRunPhase.Succeeded) with
        {
            Attempt = 1,
            TrainingSeconds = 12.5,
            Version = new ModelVersionId("fashion", 4),
            Evaluations =
            [
                new Evaluation
                {
                    Split = "test",
                    Examples = 10_000,
                    Metrics = new Dictionary<string, double> { ["accuracy"] = 0.9123 },
                },
            ],
            Promotion = new PromotionDecision
            {
                Alias = "champion",
                Promoted = true,
                Reason = "accuracy 0.9123 >= 0.9",
            },
        };

    private static TrainingRunSnapshot Run(TrainingRunPhase phase) =>
        new()
        {
            Id = new TrainingRunId("r1"),
            Phase = phase,
            Spec = new TrainingRunSpec
            {
                Config = "name: x",
                Name = "x",
                Model = "fashion",
                Dataset = new DatasetVersionId("fashion", 1),
                Accelerator = "cpu",
            },
        };
}
