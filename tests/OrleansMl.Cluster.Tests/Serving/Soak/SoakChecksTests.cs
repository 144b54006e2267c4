using OrleansMl.Contracts.Serving;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>The soak's checks find what they are there for.</summary>
[Trait("category", "cluster")]
public sealed class SoakChecksTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private readonly SteppedClock _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(SoakModel.Versions)]
    public void The_right_answer_is_right(int version)
    {
        var rows = SoakModel.Rows(new Random(version), 5);

        Assert.Null(SoakModel.Problem(rows, Answer(rows, version, version)));
    }

    [Fact]
    public void An_answer_that_names_another_version_than_answered_is_found()
    {
        var rows = SoakModel.Rows(new Random(3), 5);
        for (var named = 1; named <= SoakModel.Versions; named++)
        {
            for (var by = 1; by <= SoakModel.Versions; by++)
                Assert.Equal(named == by, SoakModel.Problem(rows, Answer(rows, named, by)) is null);
        }
    }

    [Fact]
    public void Answers_to_other_rows_and_rows_in_another_order_are_found()
    {
        var rows = SoakModel.Rows(new Random(4), 4);
        var other = SoakModel.Rows(new Random(5), 4);
        float[] turned =
        [
            .. rows.AsSpan(SoakModel.Features),
            .. rows.AsSpan(0, SoakModel.Features),
        ];

        Assert.NotNull(SoakModel.Problem(rows, Answer(other, 2, 2)));
        Assert.NotNull(SoakModel.Problem(rows, Answer(turned, 2, 2)));
        Assert.NotNull(SoakModel.Problem(rows, Answer(SoakModel.Rows(new Random(4), 3), 2, 2)));
    }

    [Fact]
    public void What_a_name_meant_holds_until_the_change_is_acknowledged()
    {
        var alias = new RouteTimeline("a", _time, Grace);
        alias.Acknowledge(alias.Begin([("1", 1)]));
        _time.Step(10);
        var before = _time.GetTimestamp();
        _time.Step(1);
        var change = alias.Begin([("2", 1)]);
        _time.Step(1);
        var during = _time.GetTimestamp();
        _time.Step(1);
        alias.Acknowledge(change);
        _time.Step(3);
        var after = _time.GetTimestamp();

        Assert.Null(alias.Lateness(2, before, before));
        Assert.Null(alias.Lateness(3, after, after));
        Assert.Equal(TimeSpan.Zero, alias.Lateness(1, before, after));
        Assert.Equal(TimeSpan.Zero, alias.Lateness(2, before, after));
        Assert.Equal(TimeSpan.Zero, alias.Lateness(1, during, during));
        Assert.Equal(TimeSpan.Zero, alias.Lateness(2, after, after));
        Assert.Equal(TimeSpan.FromSeconds(3), alias.Lateness(1, after, after));
    }

    [Fact]
    public void A_split_that_names_an_alias_means_what_the_alias_means()
    {
        var alias = new RouteTimeline("a", _time, Grace);
        var split = new RouteTimeline("split", _time, Grace, _ => alias);
        alias.Acknowledge(alias.Begin([("4", 1)]));
        split.Acknowledge(split.Begin([("1", 0.5), ("a", 0.5)]));
        _time.Step(2);
        alias.Acknowledge(alias.Begin([("5", 1)]));
        _time.Step(2);
        var now = _time.GetTimestamp();

        Assert.Equal(TimeSpan.Zero, split.Lateness(1, now, now));
        Assert.Equal(TimeSpan.Zero, split.Lateness(5, now, now));
        Assert.Equal(TimeSpan.FromSeconds(2), split.Lateness(4, now, now));
        Assert.Null(split.Lateness(2, now, now));
    }

    [Theory]
    [InlineData(300, 700, false)]
    [InlineData(385, 615, false)]
    [InlineData(400, 600, true)]
    [InlineData(0, 1000, true)]
    public void Shares_that_are_not_kept_are_found(int first, int second, bool skewed)
    {
        var split = new RouteTimeline("split", _time, Grace);
        split.Acknowledge(split.Begin([("1", 0.3), ("2", 0.7)]));
        _time.Step(2);
        var now = _time.GetTimestamp();
        for (var i = 0; i < first; i++)
            split.Lateness(1, now, now);
        for (var i = 0; i < second; i++)
            split.Lateness(2, now, now);

        Assert.Equal(skewed, split.Skewed().Count > 0);
        Assert.Empty(split.Unseen());
    }

    [Fact]
    public void A_change_that_was_not_acknowledged_or_not_seen_is_told()
    {
        var alias = new RouteTimeline("a", _time, Grace);
        alias.Acknowledge(alias.Begin([("1", 1)]));
        alias.Begin([("2", 1)]);

        Assert.Equal(2, alias.Unseen().Count);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(300, false)]
    [InlineData(2_000, true)]
    public void Memory_that_grows_is_told_from_memory_that_swings(int kibAMinute, bool grows)
    {
        var random = new Random(7);
        var samples = Enumerable
            .Range(0, 360)
            .Select(i => i / 12.0)
            .Select(minute =>
                (
                    minute,
                    // 300 MiB, a swing of 40 until the next collection, and one odd minute.
                    (300 * 1024.0 * 1024)
                        + (random.NextDouble() * 40 * 1024 * 1024)
                        + (minute is >= 12 and < 13 ? 100 * 1024 * 1024 : 0)
                        + (minute * kibAMinute * 1024)
                )
            );

        Assert.Equal(grows, MemoryTrend.Slope(samples, 5) > SoakSettings.ResidentBound);
    }

    [Fact]
    public void Too_few_minutes_say_nothing_of_growth() =>
        Assert.Null(MemoryTrend.Slope(Enumerable.Range(0, 8).Select(i => ((double)i, i * 1e9)), 1));

    [Fact]
    public void Retries_are_counted_by_what_they_met_and_not_by_silo()
    {
        var tally = new SoakTally();
        tally.Retried("http://127.0.0.1:1234: Connection refused (127.0.0.1:1234)");
        tally.Retried("http://127.0.0.1:99: Connection refused");
        tally.Retried("http://127.0.0.1:99: 503 Service Unavailable");

        Assert.Equal(2, tally.Retries["Connection refused"]);
        Assert.Equal(1, tally.Retries["503 Service Unavailable"]);
    }

    private static InferenceResponse Answer(float[] rows, int named, int by) =>
        new()
        {
            Model = SoakModel.Name,
            Version = named,
            Outputs = [SoakModel.Answer(rows, by)],
        };
}
