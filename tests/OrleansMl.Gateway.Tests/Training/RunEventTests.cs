using Orleans.Runtime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Training;

public sealed class RunEventTests(GatewayCluster cluster)
{
    private TrainingRunSnapshot AddRun(string id, params IReadOnlyList<object>[] watches)
    {
        var run = new TrainingRunSnapshot
        {
            Id = new TrainingRunId(id),
            Spec = new TrainingRunSpec
            {
                Config = "",
                Name = id,
                Model = "m",
                Dataset = new DatasetVersionId("d", 1),
                Accelerator = "cpu",
            },
            Phase = TrainingRunPhase.Running,
        };
        cluster.World.Runs[id] = run;
        cluster.World.Watches[id] = new Queue<IReadOnlyList<object>>(watches);
        return run;
    }

    private static TrainingEvent Event(string id, long sequence, params long[] steps) =>
        new()
        {
            Sequence = sequence,
            Run = new TrainingRunSnapshot
            {
                Id = new TrainingRunId(id),
                Spec = new TrainingRunSpec
                {
                    Config = "",
                    Name = id,
                    Model = "m",
                    Dataset = new DatasetVersionId("d", 1),
                    Accelerator = "cpu",
                },
                Phase = TrainingRunPhase.Succeeded,
            },
            Points = [.. steps.Select(step => Points.Of(step))],
        };

    private static async Task<(EventReader Events, HttpResponseMessage Response)> FollowAsync(
        TestGateway gateway,
        string id,
        string? lastEventId = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/runs/{id}/events");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await gateway.Http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        return (await EventReader.OpenAsync(response), response);
    }

    private static void AssertSteps(ReadEvent? read, long[] expected) =>
        Assert.Equal(
            expected,
            read!
                .Data.GetProperty("points")
                .EnumerateArray()
                .Select(point => point.GetProperty("step").GetInt64())
        );

    [Fact]
    public async Task A_watcher_sees_updates_with_ids_a_heartbeat_and_the_end()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.HeartbeatSeconds = 0.1
        );
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AddRun("ev-all", [Event("ev-all", 1, 5), gate.Task, Event("ev-all", 2, 6, 7)]);

        var (events, response) = await FollowAsync(gateway, "ev-all");
        using (response)
        await using (events)
        {
            var first = await events.NextAsync();
            await events.HeartbeatAsync();
            gate.SetResult();
            var second = await events.NextAsync();
            var end = await events.NextAsync();

            Assert.Equal(("update", "1.5"), (first!.Name, first.Id));
            AssertSteps(first, [5]);
            Assert.Equal(("update", "2.7"), (second!.Name, second.Id));
            Assert.Equal("end", end!.Name);
            Assert.Equal("succeeded", end.Data.GetProperty("phase").GetString());
            Assert.Null(await events.NextAsync());
        }
    }

    [Fact]
    public async Task A_watcher_that_connects_again_gets_the_points_it_missed()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun("ev-again", [Event("ev-again", 9, 8), Event("ev-again", 10, 9)]);
        gateway.Metrics.Points["ev-again"] = [.. Enumerable.Range(1, 8).Select(i => Points.Of(i))];

        var (events, response) = await FollowAsync(gateway, "ev-again", "3.5");
        using (response)
        await using (events)
        {
            AssertSteps(await events.NextAsync(), [6, 7, 8]);
            AssertSteps(await events.NextAsync(), [9]);
        }
    }

    [Fact]
    public async Task A_watch_that_breaks_with_its_silo_is_taken_up_where_it_was()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun(
            "ev-broken",
            [Event("ev-broken", 1, 1), new SiloUnavailableException("gone")],
            [new UnavailableException("moving")],
            [Event("ev-broken", 1, 4), Event("ev-broken", 2, 5)]
        );
        gateway.Metrics.Points["ev-broken"] = [.. Enumerable.Range(1, 4).Select(i => Points.Of(i))];

        var (events, response) = await FollowAsync(gateway, "ev-broken");
        using (response)
        await using (events)
        {
            AssertSteps(await events.NextAsync(), [1]);
            AssertSteps(await events.NextAsync(), [2, 3, 4]);
            AssertSteps(await events.NextAsync(), [5]);
            Assert.Equal("end", (await events.NextAsync())!.Name);
        }
    }

    [Fact]
    public async Task A_watch_that_fails_for_good_ends_with_the_error()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddRun("ev-failed", [Event("ev-failed", 1), new NotFoundException("run is gone")]);

        var (events, response) = await FollowAsync(gateway, "ev-failed");
        using (response)
        await using (events)
        {
            await events.NextAsync();
            var error = await events.NextAsync();
            Assert.Equal("error", error!.Name);
            Assert.Equal("not_found", error.Data.GetProperty("code").GetString());
            Assert.Null(await events.NextAsync());
        }
    }

    [Fact]
    public async Task One_stream_more_than_allowed_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxEventStreams = 1
        );
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AddRun("ev-many", [Event("ev-many", 1), gate.Task], [Event("ev-many", 1)]);

        var (events, response) = await FollowAsync(gateway, "ev-many");
        using (response)
        await using (events)
        {
            await events.NextAsync();
            await gateway.RefusedAsync(
                HttpMethod.Get,
                "/api/v1/runs/ev-many/events",
                null,
                429,
                "overloaded"
            );
            gate.SetResult();
        }
    }
}
