using System.Globalization;
using CsCheck;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Serving.Schedules;

namespace OrleansMl.Core.Tests.Serving.Schedules;

public sealed class ScheduleTimesTests
{
    [Fact]
    public void A_time_that_clocks_pass_over_comes_at_the_next_that_exists() =>
        Assert.Equal(
            ["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"],
            Next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", 3)
        );

    [Fact]
    public void An_expression_of_single_times_comes_once_where_an_hour_comes_twice() =>
        Assert.Equal(
            ["2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z"],
            Next("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00Z", 3)
        );

    [Fact]
    public void An_expression_of_intervals_comes_in_both_equal_hours() =>
        Assert.Equal(
            [
                "2026-10-25T00:00Z",
                "2026-10-25T00:30Z",
                "2026-10-25T01:00Z",
                "2026-10-25T01:30Z",
                "2026-10-25T02:00Z",
            ],
            Next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59Z", 5)
        );

    [Fact]
    public void A_day_is_a_day_of_the_zone_at_the_other_end_of_the_date_line() =>
        Assert.Equal(
            ["2026-01-01T10:00Z", "2026-01-02T10:00Z"],
            Next("0 0 * * *", "Pacific/Kiritimati", "2026-01-01T00:00Z", 2)
        );

    [Fact]
    public void Bounds_hold_on_both_sides_and_include_their_own_times()
    {
        var spec = Spec("0 * * * *") with
        {
            From = At("2026-01-01T05:00Z"),
            Until = At("2026-01-01T07:00Z"),
        };

        Assert.Equal(
            ["2026-01-01T05:00Z", "2026-01-01T06:00Z", "2026-01-01T07:00Z"],
            Times(spec).Next(At("2026-01-01T00:00Z"), 9).Select(Text)
        );
    }

    [Theory]
    [InlineData("* * * *", "UTC", "cron: expected five fields")]
    [InlineData("* * * * * *", "UTC", "cron: expected five fields")]
    [InlineData("61 * * * *", "UTC", "cron: expected five fields")]
    [InlineData("", "UTC", "cron: expected 1 to 100 characters")]
    [InlineData("* * * * *", "Mars/Olympus", "time_zone: expected an IANA time zone")]
    [InlineData("* * * * *", "../etc/passwd", "time_zone: expected an IANA time zone")]
    public void What_can_not_be_read_is_named(string cron, string zone, string expected)
    {
        Assert.False(
            ScheduleTimes.TryCreate("s", Spec(cron, zone), out _, out var problem),
            "it was read"
        );

        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 30 2 *", "names no time to come")]
    [InlineData("* * * * *", "at least 00:05:00 apart, got 00:01:00")]
    [InlineData("0,3 4 * * *", "at least 00:05:00 apart, got 00:03:00")]
    public void Times_that_may_not_be_are_refused(string cron, string expected) =>
        Assert.Contains(expected, string.Join(' ', Problems(Spec(cron))), StringComparison.Ordinal);

    [Fact]
    public void Bounds_and_spans_out_of_range_are_refused_all_at_once()
    {
        var spec = Spec("0 * * * *") with
        {
            From = At("2027-01-02T00:00Z"),
            Until = At("2027-01-01T00:00Z"),
            Jitter = TimeSpan.FromHours(2),
            MisfireAfter = TimeSpan.FromSeconds(1),
        };

        Assert.Equal(
            ["misfire_seconds", "jitter_seconds", "until"],
            Problems(spec).Select(problem => problem.Split(':')[0])
        );
        Assert.Contains(
            "less than the smallest gap between firings (600)",
            string.Join(
                ' ',
                Problems(Spec("*/10 * * * *") with { Jitter = TimeSpan.FromMinutes(10) })
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "until: expected a time to come",
            string.Join(' ', Problems(Spec("0 * * * *") with { Until = At("2025-01-01T00:00Z") })),
            StringComparison.Ordinal
        );
        Assert.Contains("name", string.Join(' ', Problems(Spec("@daily"), new string('n', 71))));
    }

    [Fact]
    public void Jitter_is_the_same_each_time_within_its_span_and_differs_between_schedules()
    {
        var spec = Spec("0 * * * *") with { Jitter = TimeSpan.FromMinutes(30) };
        var due = Times(spec).Next(At("2026-01-01T00:00Z"), 200).ToList();

        var waits = due.Select(time => Times(spec).Jittered(time) - time).ToList();

        Assert.Equal(waits, due.Select(time => Times(spec).Jittered(time) - time));
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, spec.Jitter));
        Assert.True(waits.Distinct().Count() > 150, "they are spread");
        Assert.NotEqual(waits, due.Select(time => Times(spec, "other").Jittered(time) - time));
    }

    [Fact]
    public void The_newest_time_is_the_last_that_counting_forward_finds()
    {
        string[] zones = ["UTC", "Europe/Berlin", "America/New_York"];
        string[] crons = ["* * * * *", "*/7 3-5 * * *", "30 2 * * *", "0 0 1 * *", "0 0 29 2 *"];
        Gen.Select(
                Gen.Int[0, crons.Length - 1].Select(i => crons[i]),
                Gen.Int[0, zones.Length - 1].Select(i => zones[i]),
                Gen.Long[0, 3_000_000],
                Gen.Long[0, 20_000]
            )
            .Sample(
                (cron, zone, begin, minutes) =>
                {
                    var times = Times(Spec(cron, zone));
                    var after = At("2026-01-01T00:00Z").AddMinutes(begin).AddSeconds(17);
                    var time = after.AddMinutes(minutes);
                    var expected = times
                        .Next(after, int.MaxValue)
                        .TakeWhile(due => due <= time)
                        .Select(due => (DateTimeOffset?)due)
                        .LastOrDefault();

                    Assert.Equal(expected, times.Newest(after, time));
                },
                iter: 60
            );
    }

    private static IReadOnlyList<string> Problems(BatchScheduleSpec spec, string name = "s") =>
        ScheduleChecks.Problems(name, spec, TimeSpan.FromMinutes(5), At("2026-01-01T00:00Z"));

    private static IEnumerable<string> Next(string cron, string zone, string after, int count) =>
        Times(Spec(cron, zone)).Next(At(after), count).Select(Text);

    internal static ScheduleTimes Times(BatchScheduleSpec spec, string name = "s")
    {
        Assert.True(ScheduleTimes.TryCreate(name, spec, out var times, out var problem), problem);
        return times;
    }

    internal static BatchScheduleSpec Spec(string cron, string zone = "UTC") =>
        new()
        {
            Cron = cron,
            TimeZone = zone,
            Batch = new BatchAsk { Model = "m", Dataset = "d" },
        };

    internal static DateTimeOffset At(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
