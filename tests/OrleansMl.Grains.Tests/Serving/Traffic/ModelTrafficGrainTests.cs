using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Traffic;

public sealed class ModelTrafficGrainTests
{
    private static readonly TrafficPolicy Split = new()
    {
        Split =
        [
            new TrafficShare { Version = "1", Weight = 1 },
            new TrafficShare { Version = "2", Weight = 1 },
        ],
    };

    private static readonly CanaryPolicy Canary = new()
    {
        Version = "2",
        Steps = [0.1, 1],
        HoldSeconds = 60,
        MinRequests = 100,
        MaxLatencyRatio = 1.5,
    };

    [Fact]
    public async Task Reports_count_once_by_source_and_number_and_outlive_the_activation()
    {
        await using var cluster = await StartAsync();
        await SetAsync(cluster, Split);
        var traffic = Traffic(cluster);
        var experiment = (await traffic.GetRoutingAsync(GrainCluster.Cancel))!.Experiment;

        await traffic.ReportAsync(Report("a", 1, experiment, Arm(1, 10)), GrainCluster.Cancel);
        await traffic.ReportAsync(Report("a", 1, experiment, Arm(1, 10)), GrainCluster.Cancel);
        await traffic.ReportAsync(Report("b", 1, experiment, Arm(1, 5, 1)), GrainCluster.Cancel);
        await traffic.ReportAsync(Report("b", 2, experiment + 1, Arm(1, 99)), GrainCluster.Cancel);
        await cluster.DeactivateAsync(traffic);
        await traffic.ReportAsync(Report("b", 1, experiment, Arm(1, 5, 1)), GrainCluster.Cancel);

        var arm = Assert.Single((await traffic.GetAsync(GrainCluster.Cancel)).Arms);
        Assert.Equal((1, 15L, 1L), (arm.Version, arm.Requests, arm.Errors));
        Assert.InRange(arm.P95Seconds!.Value, 0.009, 0.011);
    }

    [Fact]
    public async Task A_changed_section_begins_an_experiment_and_an_unchanged_one_does_not()
    {
        await using var cluster = await StartAsync();
        await SetAsync(cluster, Split);
        var traffic = Traffic(cluster);
        var first = await traffic.GetAsync(GrainCluster.Cancel);
        await traffic.ReportAsync(
            Report("a", 1, first.Experiment, Arm(1, 10)),
            GrainCluster.Cancel
        );

        await SetAsync(cluster, Split);
        var same = await traffic.GetAsync(GrainCluster.Cancel);
        await SetAsync(cluster, Split with { Aliases = ["champion"] });
        var other = await traffic.GetAsync(GrainCluster.Cancel);
        await SetAsync(cluster, null);

        Assert.Equal(first.Experiment, same.Experiment);
        Assert.Equal(10, Assert.Single(same.Arms).Requests);
        Assert.True(other.Experiment > first.Experiment);
        Assert.Empty(other.Arms);
        Assert.Equal("ada", other.Decisions[0].By);
        Assert.Null(await traffic.GetRoutingAsync(GrainCluster.Cancel));
    }

    [Fact]
    public async Task A_policy_that_names_a_version_that_is_not_there_is_refused()
    {
        await using var cluster = await StartAsync();

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            SetAsync(
                cluster,
                new TrafficPolicy { Split = [new TrafficShare { Version = "9", Weight = 1 }] }
            )
        );

        Assert.Contains("9", error.Message, StringComparison.Ordinal);
        Assert.Null(await Traffic(cluster).GetRoutingAsync(GrainCluster.Cancel));
    }

    [Fact]
    public async Task A_canary_that_does_well_gets_the_alias_step_by_step()
    {
        await using var cluster = await StartAsync();
        var traffic = await BeginAsync(cluster, Canary);

        Assert.Equal(0.1, (await StatusAsync(traffic)).Share);
        await GoodAsync(cluster, traffic, "a", 1);
        Assert.Equal(0, (await StatusAsync(traffic)).Step);
        cluster.Time.Advance(TimeSpan.FromSeconds(60));
        await GoodAsync(cluster, traffic, "a", 2);
        Assert.Equal(1, (await StatusAsync(traffic)).Share);
        cluster.Time.Advance(TimeSpan.FromSeconds(60));
        await GoodAsync(cluster, traffic, "a", 3);

        Assert.Equal(CanaryPhase.Promoted, (await StatusAsync(traffic)).Phase);
        var model = (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(2, model.Aliases["champion"]);
        Assert.Equal(
            ("canary", 1, 2),
            (model.History[0].By, model.History[0].From, model.History[0].To)
        );
        Assert.Equal(
            ["promoted", "promoting", "step", "experiment-began"],
            (await traffic.GetAsync(GrainCluster.Cancel)).Decisions.Select(d => d.Kind)
        );
    }

    [Fact]
    public async Task A_canary_that_fails_loses_its_calls_and_the_alias_stays()
    {
        await using var cluster = await StartAsync();
        var traffic = await BeginAsync(cluster, Canary);
        var routing = (await traffic.GetRoutingAsync(GrainCluster.Cancel))!;

        await traffic.ReportAsync(
            Report("a", 1, routing.Experiment, Arm(1, 500), Arm(2, 6, 6)),
            GrainCluster.Cancel
        );

        var status = await StatusAsync(traffic);
        Assert.Equal(CanaryPhase.RolledBack, status.Phase);
        Assert.Contains("6 of its first 6 calls failed", status.Reason, StringComparison.Ordinal);
        var recorded = cluster
            .Audit.Entries.Where(entry => entry.Action == "model.canary")
            .ToList();
        Assert.Equal(
            [AuditOutcome.Asked, AuditOutcome.Done],
            recorded.Select(entry => entry.Outcome)
        );
        Assert.All(recorded, entry => Assert.Equal("rule canary", entry.Actor));
        Assert.Contains("-> RolledBack", recorded[1].Detail, StringComparison.Ordinal);
        Assert.Contains("calls failed", recorded[1].Detail, StringComparison.Ordinal);
        var model = (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(1, model.Aliases["champion"]);
        await Assert.ThrowsAsync<ConflictException>(() =>
            traffic.CommandAsync(Command("c1", CanaryAction.Promote), GrainCluster.Cancel)
        );
    }

    [Fact]
    public async Task A_watched_version_that_turns_bad_gives_the_alias_back()
    {
        await using var cluster = await StartAsync();
        var traffic = await BeginAsync(cluster, Canary with { WatchSeconds = 3600 });
        await traffic.CommandAsync(Command("c1", CanaryAction.Promote), GrainCluster.Cancel);
        await traffic.CommandAsync(Command("c1", CanaryAction.Promote), GrainCluster.Cancel);
        var status = await StatusAsync(traffic);
        Assert.Equal(CanaryPhase.Watching, status.Phase);
        var routing = (await traffic.GetRoutingAsync(GrainCluster.Cancel))!;

        await traffic.ReportAsync(
            Report("a", 1, routing.Experiment, Arm(2, 200, 100)) with
            {
                Step = status.Step,
            },
            GrainCluster.Cancel
        );

        Assert.Equal(CanaryPhase.RolledBack, (await StatusAsync(traffic)).Phase);
        Assert.Contains(
            cluster.Audit.Entries,
            entry =>
                entry.Actor == "rule canary"
                && entry.Action == "model.alias.move"
                && entry.Outcome == AuditOutcome.Done
                && entry.Detail.StartsWith(
                    "champion: version 2 -> version 1",
                    StringComparison.Ordinal
                )
        );
        var model = (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(1, model.Aliases["champion"]);
        Assert.Equal([1, 2], model.History.Take(2).Select(change => change.To));
    }

    [Fact]
    public async Task A_promotion_that_dies_half_way_is_made_once_by_the_next_activation()
    {
        foreach (var effect in new[] { "state model/", "state model-traffic/" })
        {
            for (var at = 1; at <= 2; at++)
            {
                foreach (var after in new[] { false, true })
                {
                    await using var cluster = await StartAsync();
                    var traffic = await BeginAsync(cluster, Canary);
                    cluster.Faults.Arm(at, after, effect);

                    await GrainCluster.RetryAsync(() =>
                        traffic.CommandAsync(
                            Command("c1", CanaryAction.Promote),
                            GrainCluster.Cancel
                        )
                    );
                    cluster.Faults.Disarm();
                    await cluster.DeactivateAsync(traffic);
                    // Whoever looks next, or the timer, finishes what was written down.
                    await traffic.ReportAsync(
                        Report("z", 1, (await traffic.GetAsync(GrainCluster.Cancel)).Experiment),
                        GrainCluster.Cancel
                    );

                    Assert.Equal(CanaryPhase.Promoted, (await StatusAsync(traffic)).Phase);
                    var model = (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!;
                    Assert.Equal(2, model.Aliases["champion"]);
                    Assert.Single(model.History, change => change.By == "canary");
                }
            }
        }
    }

    [Fact]
    public async Task An_alias_that_somebody_moved_meanwhile_ends_the_canary()
    {
        await using var cluster = await StartAsync();
        await RegisterAsync(cluster, "c3");
        var traffic = await BeginAsync(cluster, Canary);
        await MoveAsync(cluster, 3, "m3");

        await traffic.CommandAsync(Command("c1", CanaryAction.Promote), GrainCluster.Cancel);

        Assert.Equal(CanaryPhase.RolledBack, (await StatusAsync(traffic)).Phase);
        var model = (await cluster.Model("churn").GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(3, model.Aliases["champion"]);
    }

    [Fact]
    public async Task Outcomes_that_fall_short_roll_a_canary_back()
    {
        await using var cluster = await StartAsync();
        var traffic = await BeginAsync(
            cluster,
            Canary with
            {
                MaxQualityDrop = 0.2,
                MinFeedback = 20,
            }
        );
        OutcomeReport Of(int version, int i, double value) =>
            new()
            {
                Version = version,
                Id = $"{version}-{i}",
                Value = value,
            };
        var good = Enumerable.Range(0, 20).Select(i => Of(1, i, 1)).ToList();
        var bad = Enumerable.Range(0, 20).Select(i => Of(2, i, i % 2)).ToList();

        await traffic.FeedbackAsync(good, GrainCluster.Cancel);
        Assert.Equal(CanaryPhase.Running, (await StatusAsync(traffic)).Phase);
        await traffic.FeedbackAsync(bad, GrainCluster.Cancel);

        var status = await StatusAsync(traffic);
        Assert.Equal(CanaryPhase.RolledBack, status.Phase);
        Assert.Contains("mean outcome 0.5", status.Reason, StringComparison.Ordinal);
        var compared = await traffic.CompareAsync(null, null, 0.95, GrainCluster.Cancel);
        Assert.Equal((1, 2), (compared.Baseline, compared.Candidate));
        Assert.Equal("outcome", Assert.Single(compared.Metrics).Metric);
    }

    [Fact]
    public async Task Outcomes_count_once_whatever_fails_and_reach_the_bandit()
    {
        foreach (var after in new[] { false, true })
        {
            await using var cluster = await StartAsync();
            await SetAsync(
                cluster,
                new TrafficPolicy { Bandit = new BanditPolicy { Versions = ["1", "2"] } }
            );
            var traffic = Traffic(cluster);
            var experiment = (await traffic.GetRoutingAsync(GrainCluster.Cancel))!.Experiment;
            var prediction = new PredictionId(
                2,
                experiment,
                cluster.Time.GetUtcNow().ToUnixTimeMilliseconds(),
                17
            );
            var outcome = new OutcomeReport { Prediction = prediction, Value = 1 };
            cluster.Faults.Arm(1, after, "feedback churn");

            await Assert.ThrowsAnyAsync<Exception>(() =>
                traffic.FeedbackAsync([outcome], GrainCluster.Cancel)
            );
            var told = await traffic.FeedbackAsync([outcome], GrainCluster.Cancel);
            await cluster.DeactivateAsync(traffic);
            var again = await traffic.FeedbackAsync([outcome], GrainCluster.Cancel);

            Assert.Equal(1, told.Counted + told.Repeated);
            Assert.Equal((0, 1), (again.Counted, again.Repeated));
            var tally = Assert.Single(
                (await traffic.GetRoutingAsync(GrainCluster.Cancel))!.Outcomes
            );
            Assert.Equal((2, 1L, 1.0), (tally.Version, tally.Count, tally.Sum));
            cluster.Time.Advance(TimeSpan.FromDays(8));
            Assert.Equal(1, (await traffic.FeedbackAsync([outcome], GrainCluster.Cancel)).Late);
        }
    }

    [Fact]
    public async Task Without_a_section_outcomes_are_refused()
    {
        await using var cluster = await StartAsync();

        await Assert.ThrowsAsync<ConflictException>(() =>
            Traffic(cluster)
                .FeedbackAsync(
                    [
                        new OutcomeReport
                        {
                            Version = 1,
                            Id = "x",
                            Value = 1,
                        },
                    ],
                    GrainCluster.Cancel
                )
        );
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Traffic(cluster).CompareAsync(null, null, 0.95, GrainCluster.Cancel)
        );
    }

    private static async Task<GrainCluster> StartAsync()
    {
        var cluster = await GrainCluster.StartAsync();
        await RegisterAsync(cluster, "c1");
        await RegisterAsync(cluster, "c2");
        await MoveAsync(cluster, 1, "m1");
        return cluster;
    }

    private static async Task<IModelTrafficGrain> BeginAsync(
        GrainCluster cluster,
        CanaryPolicy canary
    )
    {
        await SetAsync(cluster, new TrafficPolicy { Canary = canary });
        var traffic = Traffic(cluster);
        await traffic.GetAsync(GrainCluster.Cancel);
        return traffic;
    }

    private static async Task GoodAsync(
        GrainCluster cluster,
        IModelTrafficGrain traffic,
        string source,
        long sequence
    )
    {
        var routing = (await traffic.GetRoutingAsync(GrainCluster.Cancel))!;
        await traffic.ReportAsync(
            Report(source, sequence, routing.Experiment, Arm(1, 500), Arm(2, 150)) with
            {
                Step = routing.Canary!.Step,
            },
            GrainCluster.Cancel
        );
    }

    private static IModelTrafficGrain Traffic(GrainCluster cluster) =>
        cluster.Grains.GetGrain<IModelTrafficGrain>("churn");

    private static async Task<CanaryStatus> StatusAsync(IModelTrafficGrain traffic) =>
        (await traffic.GetAsync(GrainCluster.Cancel)).Canary!;

    private static Task<ModelVersionSnapshot> RegisterAsync(GrainCluster cluster, string command) =>
        cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration(command), GrainCluster.Cancel);

    private static Task<ModelSnapshot> MoveAsync(
        GrainCluster cluster,
        int version,
        string command
    ) =>
        cluster
            .Model("churn")
            .MoveAliasAsync(
                new AliasMove
                {
                    CommandId = command,
                    Alias = "champion",
                    Version = version,
                },
                GrainCluster.Cancel
            );

    private static Task<ServingPolicySnapshot> SetAsync(
        GrainCluster cluster,
        TrafficPolicy? traffic
    ) =>
        cluster
            .Grains.GetGrain<IModelServingGrain>("churn")
            .SetAsync(
                new ServingPolicyChange
                {
                    CommandId = Guid.NewGuid().ToString("N"),
                    Policy = new ServingPolicy { Traffic = traffic },
                    By = "ada",
                },
                GrainCluster.Cancel
            );

    private static CanaryCommand Command(string id, CanaryAction action) =>
        new()
        {
            CommandId = id,
            Action = action,
            By = "ada",
        };

    private static TrafficReport Report(
        string source,
        long sequence,
        long experiment,
        params ArmTally[] arms
    ) =>
        new()
        {
            Source = source,
            Sequence = sequence,
            Experiment = experiment,
            Arms = arms,
        };

    private static ArmTally Arm(int version, int requests, int errors = 0)
    {
        var latencies = new long[LatencyHistogram.Buckets];
        latencies[LatencyHistogram.Bucket(0.01)] = requests - errors;
        return new ArmTally
        {
            Version = version,
            Requests = requests,
            Errors = errors,
            Seconds = 0.01 * (requests - errors),
            SquaredSeconds = 0.0001 * (requests - errors),
            Latencies = latencies,
        };
    }
}
