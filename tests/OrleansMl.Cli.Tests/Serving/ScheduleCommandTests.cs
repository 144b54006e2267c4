using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Cli.Tests.Serving;

public sealed class ScheduleCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_schedule_is_set_from_a_file_and_shown_in_its_own_time()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("PUT", "/api/v1/schedules/nightly", Schedule());
        await File.WriteAllTextAsync(_file, "cron: x", TestContext.Current.CancellationToken);

        var run = await CliRun.Of(gateway, "schedule", "set", "nightly", _file, "--expected", "2");

        Assert.Equal(0, run.Code);
        Assert.Contains("30 2 * * * in Europe/Berlin", run.Out);
        Assert.Contains("m@champion over d@latest into o", run.Out);
        Assert.Contains("next 2026-03-29 03:00:00+02:00", run.Out);
        Assert.Contains("missed (3)", run.Out);
        var request = Assert.Single(gateway.Requests);
        Assert.Equal(("?expected=2", "cron: x"), (request.Query, request.Text));
    }

    [Fact]
    public async Task A_failed_firing_by_hand_exits_as_failed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/schedules/nightly/run",
            Schedule().Firings[0] with
            {
                Outcome = FiringOutcome.Failed,
                Error = "no such model",
            },
            202
        );

        var run = await CliRun.Of(gateway, "schedule", "run", "nightly", "--command-id", "c");

        Assert.Equal(1, run.Code);
        Assert.Contains("no such model", run.Out);
        Assert.Equal("?commandId=c", Assert.Single(gateway.Requests).Query);
    }

    private static BatchScheduleSnapshot Schedule() =>
        new()
        {
            Name = "nightly",
            Revision = 3,
            Spec = new BatchScheduleSpec
            {
                Cron = "30 2 * * *",
                TimeZone = "Europe/Berlin",
                Batch = new BatchAsk
                {
                    Model = "m",
                    Reference = "champion",
                    Dataset = "d",
                    Output = "o",
                },
            },
            Next = [new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero)],
            Firings =
            [
                new ScheduleFiring
                {
                    Due = new DateTimeOffset(2026, 3, 26, 1, 30, 0, TimeSpan.Zero),
                    Outcome = FiringOutcome.Missed,
                    Count = 3,
                },
            ],
        };
}
