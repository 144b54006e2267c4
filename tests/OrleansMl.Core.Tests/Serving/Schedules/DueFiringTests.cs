using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Serving.Schedules;
using static OrleansMl.Core.Tests.Serving.Schedules.ScheduleTimesTests;

namespace OrleansMl.Core.Tests.Serving.Schedules;

public sealed class DueFiringTests
{
    private static readonly DateTimeOffset Begin = At("2026-01-01T00:00Z");

    [Fact]
    public void Nothing_is_due_before_its_time_and_one_firing_at_it()
    {
        Assert.Null(Due(Spec("0 * * * *"), Begin.AddMinutes(59)));

        var due = Due(Spec("0 * * * *"), Begin.AddMinutes(60))!;

        Assert.Equal((Begin.AddHours(1), Begin.AddHours(1)), (due.Fire, due.Cursor));
        Assert.Null(due.Missed);
        Assert.Null(Due(Spec("0 * * * *"), Begin.AddMinutes(60), due.Cursor));
    }

    [Fact]
    public void After_a_downtime_one_job_is_made_for_the_newest_and_the_others_are_missed()
    {
        var due = Due(Spec("0 * * * *"), Begin.AddHours(5).AddMinutes(20))!;

        Assert.Equal(Begin.AddHours(5), due.Fire);
        Assert.Equal(
            (4, Begin.AddHours(1), Begin.AddHours(4)),
            (due.Missed!.Count, due.Missed.Due, due.Missed.Last)
        );
        Assert.Equal(Begin.AddHours(5), due.Cursor);
    }

    [Fact]
    public void A_schedule_that_skips_makes_none_of_what_is_late_and_the_newest_that_is_not()
    {
        var spec = Spec("0 * * * *") with { Misfire = MisfirePolicy.Skip };

        var late = Due(spec, Begin.AddHours(5).AddMinutes(20))!;
        var onTime = Due(spec, Begin.AddHours(5).AddMinutes(4))!;

        Assert.Null(late.Fire);
        Assert.Equal((5, Begin.AddHours(5)), (late.Missed!.Count, late.Cursor));
        Assert.Equal(Begin.AddHours(5), late.Missed.Last);
        Assert.Equal((Begin.AddHours(5), 4), (onTime.Fire, onTime.Missed!.Count));
    }

    [Fact]
    public void One_that_is_late_alone_is_missed_alone()
    {
        var spec = Spec("0 * * * *") with { Misfire = MisfirePolicy.Skip };

        var due = Due(spec, Begin.AddHours(1).AddMinutes(6))!;

        Assert.Equal((1, null), (due.Missed!.Count, due.Missed.Last));
    }

    [Fact]
    public void With_jitter_a_firing_is_due_at_its_own_moment_and_not_before()
    {
        var spec = Spec("0 * * * *") with { Jitter = TimeSpan.FromMinutes(59) };
        var comes = Times(spec).Jittered(Begin.AddHours(2));

        Assert.Equal(Begin.AddHours(1), Due(spec, comes.AddSeconds(-1))!.Fire);
        Assert.Equal(Begin.AddHours(2), Due(spec, comes)!.Fire);
    }

    [Fact]
    public void Counting_what_a_long_downtime_missed_has_an_end()
    {
        var due = Due(Spec("* * * * *"), Begin.AddDays(2_000))!;

        Assert.Equal(Begin.AddDays(2_000), due.Fire);
        Assert.Equal(ScheduleTimes.MaxCounted, due.Missed!.Count);
        Assert.Equal(Begin.AddDays(2_000).AddMinutes(-1), due.Missed.Last);
    }

    private static DueFiring? Due(
        BatchScheduleSpec spec,
        DateTimeOffset now,
        DateTimeOffset? cursor = null
    ) => DueFiring.At(Times(spec), spec, cursor ?? Begin, now);
}
