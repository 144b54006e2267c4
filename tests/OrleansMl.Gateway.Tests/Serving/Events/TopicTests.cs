using System.Text.Json;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Events;

public sealed class TopicTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_published_is_read_and_a_repetition_is_a_duplicate()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-read", """{"partitions":2}""");
        const string Body =
            """{"events":[{"id":"a","key":"k","type":"click","data":{"x":1}},{"id":"b","dataBase64":"AP8="}]}""";

        var first = await PublishAsync(gateway, "gt-read", Body);
        var again = await PublishAsync(gateway, "gt-read", Body);

        Assert.All(first.Receipts, receipt => Assert.False(receipt.Duplicate));
        Assert.All(again.Receipts, receipt => Assert.True(receipt.Duplicate));
        var page = await gateway.GetAsync<EventPage>("/api/v1/topics/gt-read/events");
        var a = page.Events.Single(e => e.Id == "a");
        Assert.Equal(("k", "click"), (a.Key, a.Type));
        Assert.Equal(1, a.Data!.Value.GetProperty("x").GetInt32());
        Assert.Equal([0, 255], page.Events.Single(e => e.Id == "b").DataBase64!);
        var rest = await gateway.GetAsync<EventPage>(
            $"/api/v1/topics/gt-read/events?from={page.Next}"
        );
        Assert.Empty(rest.Events);
    }

    [Theory]
    [InlineData("""{"events":[]}""", "1 to 1000")]
    [InlineData("""{}""", "Events")]
    [InlineData("""{"events":[null]}""", "events[0]")]
    [InlineData("""{"events":[{"id":"a"}]}""", "data is missing")]
    [InlineData("""{"events":[{"id":"a","data":1,"dataBase64":"AA=="}]}""", "either")]
    [InlineData("""{"events":[{"id":"","data":1}]}""", "events[0].id")]
    public async Task A_wrong_publish_is_refused_by_its_place(string body, string named)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-wrong", "{}");

        using var response = await gateway.Http.PostAsync(
            "/api/v1/topics/gt-wrong/events",
            TestGateway.Json(body),
            Token
        );

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(
            named,
            await response.Content.ReadAsStringAsync(Token),
            StringComparison.OrdinalIgnoreCase
        );
    }

    [Fact]
    public async Task Too_far_behind_is_429_with_a_time_to_come_back()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-full", """{"maxBacklog":1}""");
        await gateway.SendAsync<ConsumerGroupSnapshot>(
            HttpMethod.Put,
            "/api/v1/topics/gt-full/groups/g",
            TestGateway.Json("{}")
        );
        await PublishAsync(gateway, "gt-full", """{"events":[{"id":"a","data":1}]}""");

        using var response = await gateway.Http.PostAsync(
            "/api/v1/topics/gt-full/events",
            TestGateway.Json("""{"events":[{"id":"b","data":1}]}"""),
            Token
        );

        Assert.Equal(429, (int)response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_reader_that_waits_gets_what_comes()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-wait", "{}");
        var waiting = gateway.GetAsync<EventPage>(
            "/api/v1/topics/gt-wait/events?from=earliest&waitSeconds=60"
        );
        await PublishAsync(gateway, "gt-wait", """{"events":[{"id":"a","data":1}]}""");

        Assert.Equal("a", Assert.Single((await waiting).Events).Id);
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_last_event_that_was_read()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-stream", """{"partitions":3}""");
        await PublishAsync(
            gateway,
            "gt-stream",
            """{"events":[{"id":"a","data":1},{"id":"b","data":2},{"id":"c","data":3}]}"""
        );

        var first = await FollowAsync(gateway, "gt-stream", "?from=earliest", null, 2);
        var rest = await FollowAsync(gateway, "gt-stream", "", first[^1].Id, 1);

        Assert.Equal(
            ["a", "b", "c"],
            first.Concat(rest).Select(e => e.Data.GetProperty("id").GetString()!).Order()
        );
    }

    [Fact]
    public async Task An_outside_consumer_gets_again_what_it_does_not_acknowledge()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        const string Group = "/api/v1/topics/gt-group/groups/g";
        await PutAsync(gateway, "gt-group", """{"partitions":1}""");
        await gateway.SendAsync<ConsumerGroupSnapshot>(
            HttpMethod.Put,
            Group,
            TestGateway.Json("""{"maxTries":2}""")
        );
        await PublishAsync(
            gateway,
            "gt-group",
            """{"events":[{"id":"a","data":1},{"id":"b","data":2}]}"""
        );

        var first = await FetchAsync(gateway, Group, "one");
        var again = await FetchAsync(gateway, Group, "one");
        await PostAsync(
            gateway,
            Group + "/ack",
            $$"""{"partition":0,"fence":{{first.Fence}},"next":1}"""
        );
        var nack = $$"""{"partition":0,"fence":{{first.Fence}},"position":1,"error":"no"}""";
        var failed = await gateway.SendAsync<NackAnswer>(
            HttpMethod.Post,
            Group + "/nack",
            TestGateway.Json(nack)
        );
        var dead = await gateway.SendAsync<NackAnswer>(
            HttpMethod.Post,
            Group + "/nack",
            TestGateway.Json(nack)
        );

        Assert.Equal(["a", "b"], first.Events.Select(e => e.Id));
        Assert.Equal(["a", "b"], again.Events.Select(e => e.Id));
        Assert.Equal((1, false), (failed.Tries, failed.Dead));
        Assert.Equal((2, true), (dead.Tries, dead.Dead));
        var letters = await gateway.GetAsync<DeadLetterPage>(Group + "/dead");
        Assert.Equal(
            ("0-1", "b", "no"),
            (letters.Letters[0].Id, letters.Letters[0].Event.Id, letters.Letters[0].Error)
        );
        await PostAsync(gateway, Group + "/dead/retry", """{"ids":["0-1"]}""");
        var retried = await FetchAsync(gateway, Group, "one");
        Assert.Equal("b", Assert.Single(retried.Retried).Id);
        await PostAsync(
            gateway,
            Group + "/ack",
            $$"""{"partition":0,"fence":{{first.Fence}},"retried":[1]}"""
        );
        var end = await gateway.GetAsync<ConsumerGroupSnapshot>(Group);
        Assert.Equal((0L, 0L, "2"), (end.Lag, end.Dead, end.Position));
        await gateway.RefusedAsync(
            HttpMethod.Post,
            Group + "/ack",
            TestGateway.Json($$"""{"partition":0,"fence":{{first.Fence - 1}},"next":2}"""),
            409,
            "conflict"
        );
        await gateway.RefusedAsync(
            HttpMethod.Post,
            Group + "/ack",
            TestGateway.Json($$"""{"partition":0,"fence":{{first.Fence}},"next":3}"""),
            400,
            "invalid_input"
        );
    }

    [Fact]
    public async Task A_subscription_is_declared_in_YAML_and_a_misspelled_word_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-sub", "{}");
        await PutAsync(gateway, "gt-sub-out", "{}");
        const string Path = "/api/v1/topics/gt-sub/subscriptions/s";

        var made = await gateway.SendAsync<ConsumerGroupSnapshot>(
            HttpMethod.Put,
            Path,
            Yaml("model: churn\nversion: champion\noutput: gt-sub-out\nbatchSize: 8\n")
        );
        var paused = await gateway.SendAsync<ConsumerGroupSnapshot>(
            HttpMethod.Post,
            Path + "/pause",
            TestGateway.Json("""{"reason":"night"}""")
        );
        using var refused = await gateway.Http.PutAsync(
            Path,
            Yaml("model: churn\noutput: gt-sub-out\nbatch_size: 8\n"),
            Token
        );

        Assert.Equal(("churn", 8), (made.Subscription!.Model, made.Subscription.BatchSize));
        Assert.Equal((true, "night"), (paused.Paused, paused.Reason));
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Contains(
            "batch_size",
            await refused.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_the_cluster_consumes_no_one_else_does()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        await PutAsync(gateway, "gt-own", "{}");
        await PutAsync(gateway, "gt-own-out", "{}");
        await gateway.SendAsync<ConsumerGroupSnapshot>(
            HttpMethod.Put,
            "/api/v1/topics/gt-own/subscriptions/s",
            TestGateway.Json("""{"model":"m","output":"gt-own-out"}""")
        );

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/topics/gt-own/groups/s/fetch",
            TestGateway.Json("""{"consumer":"me"}"""),
            409,
            "conflict"
        );
    }

    private static async Task<List<ReadEvent>> FollowAsync(
        TestGateway gateway,
        string topic,
        string query,
        string? lastEventId,
        int count
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/api/v1/topics/{topic}/events/stream{query}"
        );
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        using var response = await gateway.Http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            Token
        );
        await using var reader = await EventReader.OpenAsync(response);
        var events = new List<ReadEvent>();
        while (events.Count < count)
            events.Add((await reader.NextAsync())!);
        return events;
    }

    private static async Task<FetchedPartition> FetchAsync(
        TestGateway gateway,
        string group,
        string consumer
    ) =>
        Assert.Single(
            (
                await gateway.SendAsync<FetchAnswer>(
                    HttpMethod.Post,
                    group + "/fetch",
                    TestGateway.Json($$"""{"consumer":"{{consumer}}"}""")
                )
            ).Partitions
        );

    private static Task<TopicSnapshot> PutAsync(TestGateway gateway, string topic, string spec) =>
        gateway.SendAsync<TopicSnapshot>(
            HttpMethod.Put,
            $"/api/v1/topics/{topic}",
            TestGateway.Json(spec)
        );

    private static Task<PublishAnswer> PublishAsync(
        TestGateway gateway,
        string topic,
        string body
    ) =>
        gateway.SendAsync<PublishAnswer>(
            HttpMethod.Post,
            $"/api/v1/topics/{topic}/events",
            TestGateway.Json(body)
        );

    private static Task<JsonElement> PostAsync(TestGateway gateway, string path, string body) =>
        gateway.SendAsync<JsonElement>(HttpMethod.Post, path, TestGateway.Json(body));

    private static StringContent Yaml(string text) =>
        new(text, System.Text.Encoding.UTF8, "application/yaml");
}
