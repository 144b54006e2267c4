using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Client.Tests.Training;

public sealed class RunsClientTests
{
    private static readonly TrainingRunId RunId = new("r1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_goes_on_after_a_broken_connection_from_the_last_event()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var second = new TaskCompletionSource();
        gateway.On(
            "GET",
            "/api/v1/runs/r1/events",
            async (context, count) =>
            {
                if (count == 1)
                {
                    await FakeGateway.Event(context, "update", Update(1), "a");
                    await FakeGateway.Event(context, "update", Update(2), "b");
                    // What was sent before an abort may be lost with it.
                    await second.Task;
                    context.Abort();
                    return;
                }
                await FakeGateway.Event(context, "update", Update(3), "c");
                await FakeGateway.Event(context, "end", Run(TrainingRunPhase.Succeeded));
            }
        );
        var clock = new ManualClock();
        using var client = Client(clock, gateway);

        var seen = new List<TrainingEvent>();
        var watch = Task.Run(
            async () =>
            {
                await foreach (var e in client.Runs.WatchAsync(RunId, Token))
                {
                    seen.Add(e);
                    if (e.Sequence == 2)
                        second.SetResult();
                }
            },
            Token
        );
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(1));
        await watch;

        Assert.Equal([1, 2, 3, 4], seen.Select(e => e.Sequence));
        Assert.Equal(TrainingRunPhase.Succeeded, seen[^1].Run.Phase);
        Assert.Equal("b", gateway.Requests.Last().Headers["Last-Event-ID"]);
    }

    [Fact]
    public async Task A_silent_stream_is_opened_anew()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/runs/r1/events",
            async (context, count) =>
            {
                if (count > 1)
                {
                    await FakeGateway.Event(context, "end", Run(TrainingRunPhase.Cancelled));
                    return;
                }
                await FakeGateway.Event(context, "update", Update(1), "a");
                await Task.Delay(
                    Timeout.InfiniteTimeSpan,
                    TimeProvider.System,
                    context.RequestAborted
                );
            }
        );
        var clock = new ManualClock();
        using var client = Client(clock, gateway);

        await using var events = client.Runs.WatchAsync(RunId, Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        var next = events.MoveNextAsync();
        // The first wait for bytes was satisfied; the clock moves while the second is under way.
        await clock.TimerAsync(due => due == TimeSpan.FromSeconds(45));
        await clock.PassAsync(due => due == TimeSpan.FromSeconds(45));
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(1));

        Assert.True(await next);
        Assert.Equal(TrainingRunPhase.Cancelled, events.Current.Run.Phase);
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task A_stream_that_breaks_again_and_again_without_news_is_given_up()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/runs/r1/events",
            (context, _) =>
                FakeGateway.Event(
                    context,
                    "error",
                    new ApiError { Error = "the silo leaves", Code = "unavailable" }
                )
        );
        var clock = new ManualClock();
        using var client = Client(clock, gateway, maxRetries: 2);

        var events = Collect(client);
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(1));
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => events);
        Assert.Contains("the silo leaves", error.Message);
        Assert.Contains("3 times", error.Message);
        Assert.Equal(3, gateway.Requests.Count);
    }

    [Fact]
    public async Task A_submission_keeps_its_id_through_its_tries()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/api/v1/runs",
            (context, count) =>
                count == 1
                    ? FakeGateway.Error(context, 503, "timeout", "no answer in time")
                    : FakeGateway.Json(context, Run(TrainingRunPhase.Queued), 202)
        );
        var clock = new ManualClock();
        using var client = Client(clock, gateway);

        var call = client.Runs.SubmitAsync("name: x", cancellationToken: Token);
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(10));
        await call;

        var requests = gateway.Requests.ToArray();
        Assert.Equal(2, requests.Length);
        Assert.Equal(requests[0].Query, requests[1].Query);
        Assert.Matches("^\\?runId=[0-9a-z]{26}$", requests[0].Query);
        Assert.Equal("name: x", requests[1].Text);
        Assert.Equal("application/yaml", requests[1].Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_up_to_its_limit()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/runs",
            (context, count) =>
                FakeGateway.Json(
                    context,
                    new
                    {
                        items = new[] { Item($"p{count}-a"), Item($"p{count}-b") },
                        offset = (count - 1) * 2,
                        limit = 2,
                        next = count < 3 ? (int?)(count * 2) : null,
                    }
                )
        );
        using var client = Client(new ManualClock(), gateway);

        var all = await client
            .Runs.ListAsync([TrainingRunPhase.Queued, TrainingRunPhase.Running], 5, Token)
            .Select(r => r.Id.Value)
            .ToListAsync(Token);

        Assert.Equal(["p1-a", "p1-b", "p2-a", "p2-b", "p3-a"], all);
        Assert.Equal(
            "?status=queued&status=running&offset=4&limit=1",
            gateway.Requests.Last().Query
        );
    }

    private static object Item(string id) =>
        new
        {
            key = id,
            status = "queued",
            summary = new
            {
                id,
                name = "n",
                model = "m",
                dataset = "d@1",
                accelerator = "cpu",
                phase = "queued",
                submittedAt = "2026-01-01T00:00:00Z",
            },
        };

    private static Task<List<TrainingEvent>> Collect(OrleansMlClient client) =>
        client.Runs.WatchAsync(RunId, Token).ToListAsync(Token).AsTask();

    private static OrleansMlClient Client(
        TimeProvider clock,
        FakeGateway gateway,
        int maxRetries = 12
    ) =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = [gateway.Address],
                TimeProvider = clock,
                Random = new Random(1),
                MaxRetries = maxRetries,
            }
        );

    private static TrainingEvent Update(long sequence) =>
        new() { Sequence = sequence, Run = Run(TrainingRunPhase.Running) };

    private static TrainingRunSnapshot Run(TrainingRunPhase phase) =>
        new()
        {
            Id = RunId,
            Phase = phase,
            Spec = new TrainingRunSpec
            {
                Config = "name: x",
                Name = "x",
                Model = "m",
                Dataset = new DatasetVersionId("d", 1),
                Accelerator = "cpu",
            },
        };
}
