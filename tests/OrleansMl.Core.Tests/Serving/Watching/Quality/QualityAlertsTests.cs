using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Tests.Serving.Watching.Quality;

public sealed class QualityAlertsTests
{
    private const int Seconds = 3_600;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AlertRule Rule = new()
    {
        Name = "worse",
        Measure = WatchMeasure.Accuracy,
        Below = 0.8,
        Windows = 2,
        MinimumSamples = 10,
    };

    [Fact]
    public void The_newest_windows_together_are_measured_for_each_version()
    {
        var changes = Judge(
            Rule,
            [
                Window(1, 0, 100, 100),
                Window(1, Seconds, 6, 10),
                Window(1, 2 * Seconds, 9, 10),
                Window(2, 2 * Seconds, 10, 10),
                Window(1, 3 * Seconds, 0, 100),
            ],
            closed: 2 * Seconds
        );

        var raised = Assert.Single(changes.Raised);
        Assert.Equal((1, 0.75, 0.8), (raised.Version, raised.Value, raised.Bound));
        Assert.Equal("worse.1.q7200", raised.Id);
    }

    [Fact]
    public void A_version_is_compared_with_its_baseline_over_the_same_windows_and_not_with_itself()
    {
        var rule = Rule with { Below = -0.05, Baseline = "champion", Windows = 1 };
        QualityWindow[] windows = [Window(1, 0, 90, 100), Window(2, 0, 80, 100)];

        var raised = Assert.Single(Judge(rule, windows).Raised);
        Assert.Equal(2, raised.Version);
        Assert.Equal(-0.1, raised.Value, 1e-12);
        Assert.Empty(Judge(rule with { Below = -0.2 }, windows).Raised);
        Assert.Empty(Judge(rule with { Baseline = "absent" }, windows).Raised);
        // The baseline lacks outcomes: nothing is decided.
        Assert.Empty(Judge(rule, [Window(1, 0, 5, 5), windows[1]]).Raised);
    }

    [Fact]
    public void A_streak_is_needed_where_the_rule_says_so_and_a_good_window_clears()
    {
        var rule = Rule with { Windows = 1, ForWindows = 2 };
        var first = Judge(rule, [Window(1, 0, 1, 10)]);
        var second = Judge(
            rule,
            [Window(1, Seconds, 1, 10)],
            Seconds,
            first.Standing,
            first.Streaks
        );
        var few = Judge(rule, [Window(1, 2 * Seconds, 1, 2)], 2 * Seconds, second.Standing);
        var good = Judge(rule, [Window(1, 3 * Seconds, 10, 10)], 3 * Seconds, few.Standing);

        Assert.Empty(first.Raised);
        Assert.Single(second.Raised);
        Assert.Single(few.Standing);
        Assert.Equal(1, Assert.Single(good.Cleared).Value);
    }

    [Fact]
    public void An_alert_whose_rule_is_gone_is_cleared_with_a_reason()
    {
        var raised = Judge(Rule with { Windows = 1 }, [Window(1, 0, 1, 10)]);

        var cleared = Judge(
            Rule with
            {
                Name = "other",
                Measure = WatchMeasure.LogLoss,
            },
            [],
            Seconds,
            raised.Standing
        );

        Assert.Contains("no such rule", Assert.Single(cleared.Cleared).Reason);
    }

    [Fact]
    public void A_policy_that_can_not_be_is_refused_by_key()
    {
        var watch = new WatchPolicy
        {
            Quality = new QualityPolicy { Sample = 0, WindowSeconds = 1 },
            Alerts =
            [
                Rule with
                {
                    Feature = "x",
                },
                new AlertRule
                {
                    Name = "drift",
                    Measure = WatchMeasure.Psi,
                    Above = 1,
                    Baseline = "champion",
                },
            ],
        };
        var problems = ServingPolicyChecks.Problems(new ServingPolicy { Watch = watch });

        Assert.Equal(
            [
                "watch.quality.sample",
                "watch.quality.windowSeconds",
                "watch.alerts[0].feature",
                "watch.alerts[1].baseline",
                "watch.quality",
            ],
            problems.Select(problem => problem.Split(':')[0])
        );
        Assert.Contains(
            "needs the section watch.quality",
            Assert.Single(WatchPolicyChecks.Problems(new WatchPolicy { Alerts = [Rule] }))
        );
        Assert.Empty(
            ServingPolicyChecks.Problems(
                new ServingPolicy
                {
                    Watch = new WatchPolicy { Quality = new QualityPolicy(), Alerts = [Rule] },
                    Traffic = new TrafficPolicy(),
                }
            )
        );
    }

    private static AlertChanges Judge(
        AlertRule rule,
        IReadOnlyList<QualityWindow> windows,
        long closed = 0,
        IReadOnlyList<AlertSnapshot>? standing = null,
        IReadOnlyDictionary<string, int>? streaks = null
    ) =>
        QualityAlerts.AfterWindow(
            "churn",
            new WatchPolicy
            {
                Quality = new QualityPolicy { WindowSeconds = Seconds },
                Alerts = [rule],
            },
            windows,
            closed,
            new Dictionary<string, int> { ["champion"] = 1 },
            standing ?? [],
            streaks ?? new Dictionary<string, int>(),
            Now
        );

    private static QualityWindow Window(int version, long begin, long correct, long count) =>
        new(
            version,
            "",
            begin,
            Seconds,
            new QualityTally
            {
                Count = count,
                Classes = count,
                Correct = correct,
            }
        );
}
