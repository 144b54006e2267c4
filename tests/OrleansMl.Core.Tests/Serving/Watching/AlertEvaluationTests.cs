using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Core.Tests.Training.Configuration;

namespace OrleansMl.Core.Tests.Serving.Watching;

public sealed class AlertEvaluationTests
{
    [Fact]
    public void An_alert_is_raised_after_its_windows_keeps_its_newest_value_and_is_cleared_within_the_bound()
    {
        var run = new Run(Rule with { ForWindows = 2 });

        Assert.Empty(run.After(old: 0).Raised);
        Assert.Empty(run.After(old: 400).Raised);
        var raised = Assert.Single(run.After(old: 400).Raised);
        Assert.Equal("age", raised.Feature);
        Assert.True(raised.Value > 0.25);
        Assert.Equal(0.25, raised.Bound);
        var again = run.After(old: 300);
        Assert.Empty(again.Raised);
        Assert.True(Assert.Single(again.Standing).Value < raised.Value);
        Assert.Equal(raised.Id, again.Standing[0].Id);
        var cleared = Assert.Single(run.After(old: 0).Cleared);
        Assert.NotNull(cleared.ClearedAt);
        Assert.Null(cleared.Reason);
        Assert.Empty(run.After(old: 0).Standing);
    }

    [Fact]
    public void A_window_within_the_bound_begins_the_count_anew()
    {
        var run = new Run(Rule with { ForWindows = 2 });

        Assert.Empty(run.After(old: 400).Raised);
        Assert.Empty(run.After(old: 0).Raised);
        Assert.Empty(run.After(old: 400).Raised);
        Assert.Single(run.After(old: 400).Raised);
    }

    [Fact]
    public void Too_few_rows_decide_nothing_either_way()
    {
        var run = new Run(Rule);
        Assert.Single(run.After(old: 400).Raised);

        var few = run.After(old: 0, all: 50);

        Assert.Single(few.Standing);
        Assert.Empty(few.Cleared);
    }

    [Fact]
    public void Windows_measured_together_hide_what_one_of_them_has()
    {
        var together = new Run(Rule with { Windows = 4 });
        for (var i = 0; i < 3; i++)
            together.After(old: 0);

        Assert.Empty(together.After(old: 150).Raised);
        Assert.Single(new Run(Rule).After(old: 150).Raised);
    }

    [Fact]
    public void A_rule_without_a_feature_raises_an_alert_for_each_that_passes()
    {
        var run = new Run(Rule with { Feature = null, Measure = WatchMeasure.LInfinity });

        // Everybody is old, in Oslo, and stays.
        var raised = run.After(old: 400).Raised;

        Assert.Equal(["age", "city"], raised.Select(a => a.Feature));
        Assert.Equal(2, raised.Select(a => a.Id).Distinct().Count());
    }

    [Fact]
    public void An_alert_whose_rule_is_gone_is_cleared_and_says_so()
    {
        var run = new Run(Rule);
        run.After(old: 400);
        run.Policy = run.Policy with { Alerts = [] };

        Assert.Contains("no such rule", Assert.Single(run.After(old: 400).Cleared).Reason);
    }

    [Fact]
    public void Every_wrong_key_of_a_policy_is_named()
    {
        var problems = ServingPolicyChecks.Problems(
            new ServingPolicy
            {
                Watch = new WatchPolicy
                {
                    Sample = 0,
                    ReferenceSplit = "dev",
                    WindowSeconds = 5,
                    KeptWindows = 0,
                    Bins = 1,
                    Columns = null!,
                    Outliers = new OutlierPolicy { Threshold = double.NaN, Examples = -1 },
                    Payloads = new PayloadPolicy
                    {
                        Sample = 2,
                        Dataset = "No",
                        Exclude = [""],
                        FlushRows = 0,
                        FlushSeconds = 0,
                        MaxBufferedBytes = 0,
                        MaxRows = 0,
                        KeptVersions = 1,
                    },
                    Alerts =
                    [
                        Rule with
                        {
                            Name = "A",
                            Below = 1,
                            Windows = 13,
                            ForWindows = 0,
                            MinimumSamples = 0,
                        },
                        null!,
                        Rule with
                        {
                            Measure = WatchMeasure.OutlierShare,
                            Above = double.NaN,
                        },
                        Rule,
                        Rule,
                    ],
                },
            }
        );

        string[] keys =
        [
            "watch.sample",
            "watch.referenceSplit",
            "watch.windowSeconds",
            "watch.keptWindows",
            "watch.bins",
            "watch.columns",
            "watch.outliers.threshold",
            "watch.outliers.examples",
            "watch.payloads.sample",
            "watch.payloads.dataset",
            "watch.payloads.exclude",
            "watch.payloads.flushRows",
            "watch.payloads.flushSeconds",
            "watch.payloads.maxBufferedBytes",
            "watch.payloads.maxRows",
            "watch.payloads.keptVersions",
            "watch.alerts[0].name",
            "watch.alerts[0]: expected one of above and below",
            "watch.alerts[0].windows",
            "watch.alerts[0].forWindows",
            "watch.alerts[0].minimumSamples",
            "watch.alerts[1]",
            "watch.alerts[2]: expected a finite bound",
            "watch.alerts[2].feature",
            "watch.alerts: the name 'old' is there twice",
        ];
        Assert.All(
            keys,
            key => Assert.Contains(problems, p => p.StartsWith(key, StringComparison.Ordinal))
        );
        Assert.Empty(
            ServingPolicyChecks.Problems(
                new ServingPolicy
                {
                    Watch = new WatchPolicy
                    {
                        Alerts = [Rule],
                        Payloads = new PayloadPolicy(),
                        Outliers = new OutlierPolicy(),
                    },
                }
            )
        );
    }

    [Fact]
    public void The_example_is_a_policy_that_may_be_set()
    {
        var request = JsonSerializer.Deserialize<ServingPolicyRequest>(
            RepositoryFiles.Example("serving-watch.json"),
            ContractsJson.Options
        )!;

        Assert.Empty(ServingPolicyChecks.Problems(request.Policy));
        Assert.Equal(4, request.Policy.Watch!.Alerts.Count);
        Assert.Equal(WatchMeasure.MissingDifference, request.Policy.Watch.Alerts[1].Measure);
        Assert.Equal(["city"], request.Policy.Watch.Payloads!.Exclude);
    }

    private static AlertRule Rule { get; } =
        new()
        {
            Name = "old",
            Measure = WatchMeasure.Psi,
            Feature = "age",
            Above = 0.25,
        };

    private sealed class Run(AlertRule rule)
    {
        private readonly VersionProfile _profile = WatchWorld.Profile();
        private readonly List<WindowCounts> _closed = [];
        private IReadOnlyList<AlertSnapshot> _standing = [];
        private IReadOnlyDictionary<string, int> _streaks = new Dictionary<string, int>();

        public WatchPolicy Policy { get; set; } = new() { Alerts = [rule] };

        /// <summary>A window of so many rows, of which some are people over 90 in Oslo and the rest like the data.</summary>
        public AlertChanges After(int old, int all = 400)
        {
            var counter = new VersionCounter(_profile, 2);
            for (var i = 0; i < all; i++)
            {
                counter.Add(
                    i < old
                        ? WatchWorld.Call(95)
                        : WatchWorld.Call(i % 100, i % 10 < 6 ? "Oslo" : "Bergen", i % 10 == 0),
                    null
                );
            }
            var window = counter.Report("s")!.Windows[0];
            _closed.Add(window with { Window = window.Window + _closed.Count });
            var changes = AlertEvaluation.AfterWindow(
                Policy,
                _profile,
                _closed,
                _standing,
                _streaks,
                WatchWorld.Now
            );
            (_standing, _streaks) = (changes.Standing, changes.Streaks);
            return changes;
        }
    }
}
