using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Serving.Schedules;
using OrleansMl.Core.Tests.Training.Configuration;
using static OrleansMl.Core.Tests.Serving.Schedules.ScheduleTimesTests;

namespace OrleansMl.Core.Tests.Serving.Schedules;

public sealed class ScheduleDocumentTests
{
    private const string Batch = "batch: {model: m, dataset: d}";

    [Fact]
    public void The_example_is_read_whole_and_may_be_set()
    {
        var text = RepositoryFiles.Example("batch-schedule.yaml");

        Assert.True(ScheduleDocument.TryParse(text, out var spec, out _));
        Assert.Equal(("30 2 * * *", "Europe/Berlin"), (spec.Cron, spec.TimeZone));
        Assert.Equal(
            ("fashion", "champion", "fashion", (int?)null, "fashion-scored"),
            (
                spec.Batch.Model,
                spec.Batch.Reference,
                spec.Batch.Dataset,
                spec.Batch.DatasetVersion,
                spec.Batch.Output
            )
        );
        Assert.Equal((OverlapPolicy.Skip, MisfirePolicy.FireOnce), (spec.Overlap, spec.Misfire));
        Assert.Equal(
            (TimeSpan.FromHours(1), TimeSpan.FromMinutes(2)),
            (spec.MisfireAfter, spec.Jitter)
        );
        Assert.Empty(
            ScheduleChecks.Problems(
                "nightly",
                spec,
                TimeSpan.FromMinutes(1),
                At("2026-01-01T00:00Z")
            )
        );
    }

    [Fact]
    public void Every_key_is_read()
    {
        var text =
            $"{{cron: '@daily', {Batch}, overlap: cancel, misfire: skip, from: 2026-03-01, until: '2026-04-01T12:00:00+02:00', paused: true}}";

        Assert.True(ScheduleDocument.TryParse(text, out var spec, out var errors), $"{errors}");
        Assert.Equal((OverlapPolicy.Cancel, MisfirePolicy.Skip), (spec.Overlap, spec.Misfire));
        Assert.Equal(At("2026-03-01T00:00Z"), spec.From);
        Assert.Equal(At("2026-04-01T10:00Z"), spec.Until);
        Assert.True(spec.Paused);
        Assert.Equal("UTC", spec.TimeZone);
    }

    [Theory]
    [InlineData("{cron: '@daily'}", "the key 'batch' is missing")]
    [InlineData("{cron: '@daily', batch: {model: m}}", "batch: the key 'dataset' is missing")]
    [InlineData("{cron: '@daily', batch: {model: M, dataset: d}}", "batch.model: expected a model")]
    [InlineData("{cron: '@daily', overlaps: skip, " + Batch + "}", "did you mean 'overlap'?")]
    [InlineData("{cron: '@daily', from: tomorrow, " + Batch + "}", "from: expected a time such as")]
    [InlineData(
        "{cron: '@daily', from: 2026-02-30, " + Batch + "}",
        "from: expected a time that exists"
    )]
    [InlineData("{cron: '@daily', misfire_seconds: 1, " + Batch + "}", "from 60")]
    public void What_is_wrong_is_said_with_its_place(string text, string expected)
    {
        Assert.False(ScheduleDocument.TryParse(text, out _, out var errors));

        Assert.Contains(expected, errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_firing_names_its_job_by_schedule_and_time_in_UTC() =>
        Assert.Equal(
            "nightly-20260301t013000z",
            ScheduleJobs.Id("nightly", At("2026-03-01T02:30:00+01:00"))
        );
}
