using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Tests.Serving.Grpc;

namespace OrleansMl.Gateway.Tests.Serving.Limits;

public sealed class LimitTests(GatewayCluster cluster)
{
    private const string Bootstrap = "correct horse battery staple";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Digest(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static void Secure(Gateway.Trust.SecurityOptions options) =>
        options.ApiKeys = [$"root:{Digest(Bootstrap)}"];

    private Task<TestGateway> StartAsync(
        Action<GatewayOptions>? configure = null,
        Action<LimitOptions>? limit = null
    ) => TestGateway.StartAsync(cluster, configure, Secure, limit: limit);

    private static void As(TestGateway gateway, string? key) =>
        gateway.Http.DefaultRequestHeaders.Authorization = key is null
            ? null
            : new AuthenticationHeaderValue("Bearer", key);

    /// <summary>A new key with these limits, as JSON; the gateway's client goes on with it.</summary>
    private static async Task<ApiKeyAnswer> KeyAsync(TestGateway gateway, string limits)
    {
        As(gateway, Bootstrap);
        var made = await gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Post,
            "/api/v1/keys",
            TestGateway.Json(
                $$"""{"name":"k-{{Guid.NewGuid():N}}","roles":["operator"],"limits":{{limits}}}"""
            ),
            201
        );
        As(gateway, made.Secret!);
        return made;
    }

    private static StringContent Body(int rows) =>
        TestGateway.Json(
            $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[{{rows}}],"data":[{{string.Join(',', Enumerable.Repeat("1", rows))}}]}]}"""
        );

    private static async Task<HttpResponseMessage> InferAsync(
        TestGateway gateway,
        string model,
        int rows = 1
    ) => await gateway.Http.PostAsync($"/v2/models/{model}/infer", Body(rows), Token);

    [Fact]
    public async Task A_key_over_its_rate_is_told_when_to_come_back_and_what_is_left()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "lim-rate", "FP32");
        // One a minute: however slow the machine is, no second token comes.
        await KeyAsync(gateway, """{"requestsPerSecond":0.0166,"requestBurst":2}""");

        using var first = await InferAsync(gateway, "lim-rate");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(
            "\"requests\";q=2;w=121",
            first.Headers.GetValues("RateLimit-Policy").Single()
        );
        Assert.StartsWith(
            "\"requests\";r=1;t=",
            first.Headers.GetValues("RateLimit").Single(),
            StringComparison.Ordinal
        );
        using var second = await InferAsync(gateway, "lim-rate");
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        using var third = await InferAsync(gateway, "lim-rate");

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.InRange(third.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 61);
        Assert.Contains("r=0", third.Headers.GetValues("RateLimit").Single());
        await gateway.RefusedAsync(
            HttpMethod.Get,
            "/v2/models/lim-rate",
            null,
            429,
            "rate_limited"
        );
        // Others are not concerned.
        As(gateway, Bootstrap);
        using var root = await InferAsync(gateway, "lim-rate");
        Assert.Equal(HttpStatusCode.OK, root.StatusCode);
        Assert.False(root.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task A_limit_is_set_while_running_audited_and_shown_with_what_was_used()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "lim-set", "FP32");
        var made = await KeyAsync(gateway, "null");
        using (var free = await InferAsync(gateway, "lim-set"))
            Assert.Equal(HttpStatusCode.OK, free.StatusCode);
        As(gateway, Bootstrap);
        var path = $"/api/v1/keys/{made.Key.Id}";

        var set = await gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Put,
            $"{path}/limits",
            TestGateway.Json("""{"limits":{"requestsPerDay":2,"rowsPerMonth":100}}""")
        );
        Assert.Equal(2, set.Key.Limits!.RequestsPerDay);
        As(gateway, made.Secret!);
        foreach (var rows in new[] { 3, 4 })
        {
            using var answer = await InferAsync(gateway, "lim-set", rows);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        var refused = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/lim-set/infer",
            Body(1),
            429,
            "quota_exceeded"
        );
        Assert.Contains("requestsPerDay", refused.Error, StringComparison.Ordinal);
        await gateway
            .Services.GetRequiredService<LimitRegistry>()
            .ReleaseAsync((_, error) => Assert.Fail(error.ToString()), Token);

        As(gateway, Bootstrap);
        var usage = await gateway.GetAsync<UsageAnswer>($"{path}/usage");
        Assert.Equal(2, usage.Today.Requests);
        Assert.Equal(7, usage.Month.Rows);
        Assert.Equal(0, usage.Remaining.RequestsToday);
        Assert.Equal(93, usage.Remaining.RowsThisMonth);
        Assert.Contains(
            gateway.Services.GetRequiredService<Trust.MemoryAuditLog>().Records,
            entry => entry.Action == "key.limit" && entry.Subject == $"key/{made.Key.Id}"
        );
        await gateway.RefusedAsync(
            HttpMethod.Put,
            $"{path}/limits",
            TestGateway.Json("""{"limits":{"requestsPerSecond":-1}}"""),
            400,
            "invalid_input"
        );
        await gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Put,
            $"{path}/limits",
            TestGateway.Json("""{"limits":null}""")
        );
        As(gateway, made.Secret!);
        using var again = await InferAsync(gateway, "lim-set");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Rows_and_bytes_are_limited_and_a_request_that_never_fits_is_told_so()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "lim-rows", "FP32");
        await KeyAsync(gateway, """{"rowsPerSecond":0.001,"rowBurst":10}""");

        using (var ten = await InferAsync(gateway, "lim-rows", 10))
            Assert.Equal(HttpStatusCode.OK, ten.StatusCode);
        using (var more = await InferAsync(gateway, "lim-rows"))
            Assert.Equal(HttpStatusCode.TooManyRequests, more.StatusCode);
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/lim-rows/infer",
            Body(11),
            400,
            "invalid_input"
        );
        await KeyAsync(gateway, """{"bytesPerSecond":0.001,"byteBurst":200}""");
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/lim-rows/infer",
            Body(200),
            413,
            "body_too_large"
        );
        using (var small = await InferAsync(gateway, "lim-rows"))
            Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/lim-rows/infer",
            Body(50),
            429,
            "rate_limited"
        );
    }

    [Fact]
    public async Task A_models_limit_holds_for_all_its_callers()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "lim-model", "FP32");
        cluster.World.Policies["lim-model"] = new ServingPolicySnapshot
        {
            Model = "lim-model",
            Revision = 1,
            Policy = new ServingPolicy
            {
                Limits = new LimitPolicy { RequestsPerSecond = 0.001, RequestBurst = 1 },
            },
        };
        As(gateway, Bootstrap);

        using (var first = await InferAsync(gateway, "lim-model"))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await KeyAsync(gateway, "null");
        var refused = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/lim-model/infer",
            Body(1),
            429,
            "rate_limited"
        );
        Assert.Contains("model lim-model", refused.Error, StringComparison.Ordinal);
        var usage = await gateway.GetAsync<UsageAnswer>("/api/v1/models/lim-model/usage");
        Assert.Equal("lim-model", usage.Subject);
    }

    [Fact]
    public async Task Grpc_calls_and_messages_of_streams_are_limited_with_a_wait_in_the_trailers()
    {
        await using var world = await GrpcWorld.StartAsync(cluster, secure: Secure);
        GrpcWorld.AddEcho(cluster, "lim-grpc", "FP32");
        var made = await KeyAsync(
            world.Gateway,
            """{"requestsPerSecond":0.001,"requestBurst":3}"""
        );
        var headers = new Metadata { { "authorization", $"Bearer {made.Secret}" } };
        await world.Client.ModelInferAsync(
            GrpcWorld.Number("lim-grpc", 1, "1"),
            headers,
            cancellationToken: Token
        );
        using (var stream = world.Client.ModelStreamInfer(headers, cancellationToken: Token))
        {
            for (var i = 0; i < 2; i++)
                await stream.RequestStream.WriteAsync(
                    GrpcWorld.Number("lim-grpc", i, $"{i}"),
                    Token
                );
            await stream.RequestStream.CompleteAsync();
            var errors = new List<string>();
            await foreach (var answer in stream.ResponseStream.ReadAllAsync(Token))
                errors.Add(answer.ErrorMessage);
            // The stream itself was the second request.
            Assert.Equal("", errors[0]);
            Assert.Contains("Try again in", errors[1], StringComparison.Ordinal);
        }

        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await world.Client.ModelInferAsync(
                GrpcWorld.Number("lim-grpc", 1, "1"),
                headers,
                cancellationToken: Token
            )
        );

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Equal("rate_limited", refused.Trailers.GetValue("error-code"));
        var seconds = int.Parse(refused.Trailers.GetValue("retry-after")!);
        Assert.InRange(seconds, 1, 1001);
        Assert.Equal($"{seconds * 1000}", refused.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    [Fact]
    public async Task Addresses_that_show_no_good_key_are_limited_and_good_keys_are_not()
    {
        await using var gateway = await StartAsync(limit: limits =>
        {
            limits.LimitLoopback = true;
            limits.AnonymousRequestsPerSecond = 0.1;
        });
        As(gateway, "wrong");
        await gateway.RefusedAsync(HttpMethod.Get, "/api/v1/runs", null, 401, "unauthorized");
        using (var refused = await gateway.Http.GetAsync("/api/v1/runs", Token))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
        As(gateway, null);
        await gateway.RefusedAsync(HttpMethod.Get, "/openapi/v1.json", null, 429, "rate_limited");
        using (var probe = await gateway.Http.GetAsync("/v2/health/live", Token))
            Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        As(gateway, Bootstrap);
        using var good = await gateway.Http.GetAsync("/api/v1/keys", Token);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task Requests_beyond_the_room_are_shed_before_their_body_is_read_and_probes_are_not()
    {
        await using var gateway = await StartAsync(options => options.MaxConcurrentRequests = 1);
        var load = gateway.Services.GetRequiredService<GatewayLoad>();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var go = new ManualResetEventSlim();
        GrpcWorld.AddEcho(
            cluster,
            "lim-load",
            "FP32",
            (_, response) =>
            {
                began.TrySetResult();
                go.Wait(Token);
                return response;
            }
        );
        As(gateway, Bootstrap);
        var held = InferAsync(gateway, "lim-load");
        await began.Task.WaitAsync(Token);
        try
        {
            using var shed = await gateway.Http.PostAsync(
                "/v2/models/lim-load/infer",
                Body(1),
                Token
            );
            Assert.Equal(HttpStatusCode.ServiceUnavailable, shed.StatusCode);
            Assert.True(shed.Headers.RetryAfter!.Delta > TimeSpan.Zero);
            using var probe = await gateway.Http.GetAsync("/v2/health/ready", Token);
            Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        }
        finally
        {
            go.Set();
        }
        using var answer = await held;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, load.Requests);
    }

    [Fact]
    public async Task Bytes_in_flight_are_counted_and_given_back_also_of_bodies_of_unknown_length()
    {
        await using var gateway = await StartAsync(options =>
        {
            options.MaxInferenceBytes = 1 << 20;
            options.MaxBodyBytes = 1 << 20;
            options.MaxBytesInFlight = 1 << 20;
        });
        GrpcWorld.AddEcho(cluster, "lim-bytes", "FP32");
        var load = gateway.Services.GetRequiredService<GatewayLoad>();
        As(gateway, Bootstrap);
        // What is not read of a body may cost the connection.
        gateway.Http.DefaultRequestHeaders.ConnectionClose = true;
        var big = Encoding.UTF8.GetBytes(await Body(100_000).ReadAsStringAsync(Token));

        // Another request holds most of it.
        var other = new Microsoft.AspNetCore.Http.DefaultHttpContext().Request;
        other.ContentLength = (1 << 20) - 50_000;
        var held = load.Enter(other);
        using (
            var shed = await gateway.Http.PostAsync(
                "/v2/models/lim-bytes/infer",
                new ByteArrayContent(big) { Headers = { ContentType = new("application/json") } },
                Token
            )
        )
            Assert.Equal(HttpStatusCode.ServiceUnavailable, shed.StatusCode);
        using (var chunked = new HttpRequestMessage(HttpMethod.Post, "/v2/models/lim-bytes/infer"))
        {
            chunked.Content = new StreamContent(new MemoryStream(big));
            chunked.Content.Headers.ContentType = new("application/json");
            chunked.Headers.TransferEncodingChunked = true;
            using var shed = await gateway.Http.SendAsync(chunked, Token);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, shed.StatusCode);
        }
        load.Exit(held);

        using (var small = await InferAsync(gateway, "lim-bytes"))
            Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.Equal(0, load.Bytes);
    }

    [Fact]
    public async Task A_key_has_its_requests_at_a_time()
    {
        await using var gateway = await StartAsync();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var go = new ManualResetEventSlim();
        GrpcWorld.AddEcho(
            cluster,
            "lim-concurrent",
            "FP32",
            (_, response) =>
            {
                began.TrySetResult();
                go.Wait(Token);
                return response;
            }
        );
        await KeyAsync(gateway, """{"concurrentRequests":1}""");
        var held = InferAsync(gateway, "lim-concurrent");
        await began.Task.WaitAsync(Token);
        try
        {
            using var refused = await gateway.Http.GetAsync("/v2/models/lim-concurrent", Token);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
        finally
        {
            go.Set();
        }
        using var answer = await held;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
