using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

public sealed class TrafficPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"split":[{"version":"1","weight":-1}]}""", "traffic.split[0].weight")]
    [InlineData("""{"split":[{"version":"1","weight":0}]}""", "a weight above 0")]
    [InlineData("""{"split":[{"version":"","weight":1}]}""", "traffic.split[0].version")]
    [InlineData(
        """{"split":[{"version":"1","weight":1},{"version":"1","weight":1}]}""",
        "named twice"
    )]
    [InlineData("""{"split":[null]}""", "traffic.split[0]")]
    [InlineData(
        """{"split":[{"version":"1","weight":1}],"canary":{"version":"2"}}""",
        "at most one"
    )]
    [InlineData("""{"split":[{"version":"1","weight":"NaN"}]}""", "traffic.split[0].weight")]
    [InlineData("""{"shadow":{"version":"1","share":0}}""", "traffic.shadow.share")]
    [InlineData("""{"canary":{"version":"2","steps":[0.5,0.1]}}""", "traffic.canary.steps[1]")]
    [InlineData("""{"canary":{"version":"2","steps":[]}}""", "traffic.canary.steps")]
    [InlineData("""{"canary":{"version":"2","maxErrorRate":2}}""", "traffic.canary.maxErrorRate")]
    [InlineData("""{"bandit":{"versions":["1"]}}""", "traffic.bandit.versions")]
    [InlineData("""{"bandit":{"versions":["1","2"],"minShare":0.6}}""", "traffic.bandit.minShare")]
    [InlineData(
        """{"bandit":{"versions":["1","2"],"priorSuccesses":0}}""",
        "traffic.bandit.priorSuccesses"
    )]
    [InlineData("""{"feedbackWindowSeconds":0}""", "traffic.feedbackWindowSeconds")]
    public void What_is_wrong_is_said_with_its_key(string json, string expected)
    {
        var policy = JsonSerializer.Deserialize<TrafficPolicy>(json, ContractsJson.Options);

        Assert.Contains(
            TrafficPolicyChecks.Problems(policy),
            problem => problem.Contains(expected, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_example_is_read_and_allowed()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "OrleansMl.sln")))
            root = Path.GetDirectoryName(root)!;
        var policy = JsonSerializer.Deserialize<ServingPolicy>(
            File.ReadAllText(Path.Combine(root, "examples", "serving-canary.json")),
            ContractsJson.Options
        )!;

        Assert.Empty(ServingPolicyChecks.Problems(policy));
        Assert.Equal("latest", policy.Traffic!.Canary!.Version);
        Assert.Empty(TrafficPolicyChecks.Problems(policy.Traffic, TrafficWorld.Model()));
    }

    [Fact]
    public void Versions_must_be_there_and_a_canarys_must_differ()
    {
        var model = TrafficWorld.Model();
        Assert.Empty(
            TrafficPolicyChecks.Problems(TrafficWorld.Split(("champion", 1), ("3", 1)), model)
        );
        Assert.Contains(
            "4",
            Assert.Single(TrafficPolicyChecks.Problems(TrafficWorld.Split(("4", 1)), model)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has the alias",
            Assert.Single(
                TrafficPolicyChecks.Problems(
                    new TrafficPolicy { Canary = new CanaryPolicy { Version = "1" } },
                    model
                )
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has no alias",
            Assert.Single(
                TrafficPolicyChecks.Problems(
                    new TrafficPolicy { Canary = new CanaryPolicy { Version = "1" } },
                    TrafficWorld.Model(champion: null)
                )
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Prediction_ids_read_back_as_they_were_written()
    {
        var id = new PredictionId(7, 3, Now.ToUnixTimeMilliseconds(), ulong.MaxValue - 5);

        Assert.Equal(id, PredictionId.Parse(id.ToString()));
        foreach (var bad in new[] { "", "7", "0-3-1-1", "7-3-zz-1", "7-3-1-1-1", "-7-3-1-1" })
            Assert.False(PredictionId.TryParse(bad, null, out _), bad);
    }

    [Fact]
    public void Outcomes_are_taken_by_prediction_or_by_version_and_id()
    {
        var prediction = new PredictionId(2, 4, Now.AddHours(-1).ToUnixTimeMilliseconds(), 9);
        var (entries, _, late) = Check(
            new OutcomeReport { Prediction = prediction, Value = 1 },
            new OutcomeReport
            {
                Version = 3,
                Id = "order-7",
                Value = 0,
            },
            new OutcomeReport
            {
                Prediction = new PredictionId(2, 1, Now.AddDays(-8).ToUnixTimeMilliseconds(), 1),
                Value = 1,
            }
        );

        Assert.Equal(1, late);
        Assert.Equal(
            [(prediction.ToString(), 2, 4L), ("order-7", 3, 5L)],
            entries.Select(entry => (entry.Id, entry.Version, entry.Experiment))
        );
    }

    [Fact]
    public void Wrong_outcomes_are_refused_with_their_place()
    {
        var future = new PredictionId(2, 5, Now.AddHours(1).ToUnixTimeMilliseconds(), 9);
        foreach (
            var (outcome, expected) in new[]
            {
                (new OutcomeReport { Version = 1, Value = 1 }, "outcomes[0]"),
                (new OutcomeReport { Id = "x", Value = 1 }, "outcomes[0]"),
                (
                    new OutcomeReport
                    {
                        Version = 1,
                        Id = "x",
                        Value = 0.5,
                    },
                    "0 or 1"
                ),
                (
                    new OutcomeReport
                    {
                        Version = 1,
                        Id = "x",
                        Value = double.NaN,
                    },
                    "finite"
                ),
                (
                    new OutcomeReport
                    {
                        Version = 0,
                        Id = "x",
                        Value = 1,
                    },
                    "from 1"
                ),
                (new OutcomeReport { Prediction = future, Value = 1 }, "future"),
                (
                    new OutcomeReport
                    {
                        Prediction = new PredictionId(2, 6, Now.ToUnixTimeMilliseconds(), 1),
                        Value = 1,
                    },
                    "no experiment"
                ),
            }
        )
        {
            var error = Assert.Throws<InvalidInputException>(() => Check(outcome));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
        Assert.Throws<InvalidInputException>(() => Check());
        Assert.Throws<NotFoundException>(() =>
            Check(
                new OutcomeReport
                {
                    Version = 9,
                    Id = "x",
                    Value = 1,
                }
            )
        );
    }

    private static CheckedFeedback Check(params OutcomeReport[] outcomes) =>
        FeedbackRules.Check(outcomes, new TrafficPolicy(), 5, 3, Now);
}
