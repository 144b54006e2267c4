using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Grains.Serving.Watching;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Watching;

public sealed class QualityTests
{
    private static readonly WatchPolicy Policy = new()
    {
        WindowSeconds = 60,
        Quality = new QualityPolicy { WindowSeconds = 60 },
        Alerts =
        [
            new AlertRule
            {
                Name = "worse",
                Measure = WatchMeasure.Accuracy,
                Below = 0.6,
                MinimumSamples = 4,
            },
        ],
    };

    [Fact]
    public async Task Outcomes_are_joined_once_by_version_and_by_what_the_caller_named()
    {
        await using var watched = await StartAsync(Policy);
        var ids = await CallAsync(watched, "", 0.8f, 0.8f, 0.3f);
        var named = await CallAsync(watched, "stable", 0.9f);
        await FlushAsync(watched);

        var told = await TellAsync(watched, "yes", [.. ids, .. named]);
        await watched.Cluster.DeactivateAsync(watched.Watch);
        var again = await TellAsync(watched, "no", ids);

        Assert.Equal((4, 0, 0), (told.Joined, told.Repeated, told.Unknown));
        Assert.Equal((0, 3, 0), (again.Joined, again.Repeated, again.Unknown));
        var quality = (await watched.Watch.GetAsync(GrainCluster.Cancel)).Quality;
        Assert.Equal(
            [(1, null, 4L), (null, "", 3L), (null, "stable", 1L)],
            quality.Select(q => (q.Version, q.Reference, q.Total.Outcomes))
        );
        Assert.Equal(0.75, Accuracy(quality[0].Total));
        Assert.Equal(["stable"], quality[0].Aliases);
        Assert.Equal(1, Accuracy(quality[2].Total));
    }

    [Fact]
    public async Task An_outcome_that_comes_before_its_prediction_is_written_is_joined_when_it_is()
    {
        await using var watched = await StartAsync(Policy);
        var ids = await CallAsync(watched, "", 0.8f);

        var early = await TellAsync(watched, "yes", ids);
        Assert.Empty((await watched.Watch.GetAsync(GrainCluster.Cancel)).Quality);
        watched.Cluster.Faults.Arm(1, after: true, only: "quality");
        await FlushAsync(watched);
        watched.Cluster.Faults.Disarm();
        await FlushAsync(watched);

        Assert.Equal(1, early.Joined);
        Assert.Equal(
            1,
            (await watched.Watch.GetAsync(GrainCluster.Cancel)).Quality[0].Total.Outcomes
        );
    }

    [Fact]
    public async Task Outcomes_of_what_is_not_kept_or_of_another_kind_or_late_are_told_apart()
    {
        await using var watched = await StartAsync(Policy);
        var ids = await CallAsync(watched, "", 0.8f);
        await FlushAsync(watched);
        watched.Cluster.Time.Advance(TimeSpan.FromMinutes(2));
        var other = new PredictionId(1, ids[0].Experiment, ids[0].Milliseconds, 77);

        var result = await FeedbackAsync(
            watched,
            new OutcomeReport { Prediction = other, Label = "yes" },
            new OutcomeReport
            {
                Prediction = ids[0],
                Label = "yes",
                Row = 1,
            },
            new OutcomeReport
            {
                Prediction = new PredictionId(1, ids[0].Experiment, 1, 5),
                Label = "yes",
            },
            new OutcomeReport
            {
                Prediction = ids[0],
                Label = "yes",
                Value = 1,
            }
        );

        Assert.Equal((1, 1), (result.Late, result.Counted));
        Assert.Equal((1, 2), (result.Quality!.Joined, result.Quality.Unknown));
    }

    [Fact]
    public async Task Quality_below_its_bound_raises_an_alert_and_good_outcomes_clear_it()
    {
        await using var watched = await StartAsync(Policy);
        var bad = await CallAsync(watched, "", 0.1f, 0.2f, 0.3f, 0.4f);
        await FlushAsync(watched);
        await TellAsync(watched, "yes", bad);
        await watched.CloseAsync(() => watched.HasAlertsAsync(1, 1));

        var alert = Assert.Single(await watched.Watch.GetAlertsAsync(GrainCluster.Cancel));
        Assert.Equal(("worse", WatchMeasure.Accuracy, 0), (alert.Rule, alert.Measure, alert.Value));
        await watched.CloseAsync(() => Task.FromResult(!watched.Port.Events.IsEmpty));

        await watched.Cluster.DeactivateAsync(watched.Watch);
        var good = await CallAsync(watched, "", 0.6f, 0.7f, 0.8f, 0.9f);
        await FlushAsync(watched);
        await TellAsync(watched, "yes", good);
        await watched.CloseAsync(() => Task.FromResult(watched.Port.Events.Count == 2));

        Assert.NotNull(
            Assert.Single(await watched.Watch.GetAlertsAsync(GrainCluster.Cancel)).ClearedAt
        );
    }

    [Fact]
    public async Task Without_its_section_nothing_is_kept_and_labels_alone_are_refused()
    {
        await using var watched = await StartAsync(Policy with { Quality = null, Alerts = [] });
        var ids = await CallAsync(watched, "", 0.8f);
        await FlushAsync(watched);

        Assert.Equal(0, watched.Cluster.Quality.Kept);
        await Assert.ThrowsAsync<ConflictException>(() => TellAsync(watched, "yes", ids));
        var valued = await FeedbackAsync(
            watched,
            new OutcomeReport
            {
                Prediction = ids[0],
                Label = "yes",
                Value = 1,
            }
        );
        Assert.Equal((1, null), (valued.Counted, valued.Quality));
    }

    private static double Accuracy(QualityReport report) =>
        report.Metrics.Single(metric => metric.Measure == WatchMeasure.Accuracy).Value;

    private static async Task<WatchedCluster> StartAsync(WatchPolicy policy)
    {
        var watched = await WatchedCluster.StartAsync(
            policy,
            signature: TestModels.Signature with
            {
                Task = "classification",
                ClassLabels = ["no", "yes"],
            },
            traffic: new TrafficPolicy { Aliases = ["stable"] }
        );
        await watched
            .Cluster.Model("churn")
            .MoveAliasAsync(
                new AliasMove
                {
                    CommandId = "stable",
                    Alias = "stable",
                    Version = 1,
                },
                GrainCluster.Cancel
            );
        watched.Invalidate();
        return watched;
    }

    /// <summary>Calls the model, which gives back what it is given: the probability of yes beside that of no.</summary>
    private static async Task<IReadOnlyList<PredictionId>> CallAsync(
        WatchedCluster watched,
        string reference,
        params float[] yes
    )
    {
        var invoker = watched.Services().GetRequiredService<ModelInvoker>();
        List<PredictionId> ids = [];
        foreach (var probability in yes)
        {
            var route = await invoker.RouteAsync(
                new InferenceCall("churn", reference),
                GrainCluster.Cancel
            );
            await invoker.InvokeAsync(
                route,
                TestModels.Request(1 - probability, probability),
                GrainCluster.Cancel
            );
            ids.Add(route.Prediction);
        }
        return ids;
    }

    private static Task FlushAsync(WatchedCluster watched) =>
        watched.Services().GetRequiredService<PredictionLog>().FlushAsync(GrainCluster.Cancel);

    private static async Task<JoinResult> TellAsync(
        WatchedCluster watched,
        string label,
        IReadOnlyList<PredictionId> ids
    ) =>
        (
            await FeedbackAsync(
                watched,
                [.. ids.Select(id => new OutcomeReport { Prediction = id, Label = label })]
            )
        ).Quality!;

    private static Task<FeedbackResult> FeedbackAsync(
        WatchedCluster watched,
        params OutcomeReport[] outcomes
    ) =>
        watched
            .Cluster.Grains.GetGrain<IModelTrafficGrain>("churn")
            .FeedbackAsync(outcomes, GrainCluster.Cancel);
}
