using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Serving;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Tests.Serving;

public sealed class InferenceClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static float Score(InferenceResponse answer) =>
        Assert.Single(Assert.Single(answer.Outputs).AsFloat32());

    [Fact]
    public async Task Tensors_of_every_type_go_and_come_in_binary()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/v2/models/m/versions/3/infer",
            (context, _) =>
                InferenceProtocol.AnswerAsync(context, InferenceProtocol.Inputs(context))
        );
        using var client = Client(new ManualClock(), gateway.Address);
        InferenceTensor[] inputs =
        [
            TensorData.Float32("f", [1.5f, -0f, float.NaN, float.MaxValue], 2, 2),
            TensorData.Int64("l", [long.MinValue, long.MaxValue], 2, 1),
            TensorData.UInt8("b", new byte[] { 0, 255, 7 }, 3),
            TensorData.Text("s", ["", "Ünïcode \"quoted\""], 2),
            TensorData.UInt8("none", Array.Empty<byte>(), 0),
        ];

        var answer = await client.InferAsync(
            "m",
            new InferenceRequest
            {
                Id = "q",
                Inputs = inputs,
                Outputs = ["f", "l"],
            },
            new InferenceCallOptions { Reference = "3", Key = "user-7" },
            Token
        );

        Assert.Equal(("m", 3, "q"), (answer.Model, answer.Version, answer.Id));
        foreach (var (sent, got) in inputs.Zip(answer.Outputs))
        {
            Assert.Equal((sent.Name, sent.Datatype), (got.Name, got.Datatype));
            Assert.Equal(sent.Shape, got.Shape);
            Assert.Equal(sent.Data.ToArray(), got.Data.ToArray());
        }
        answer.Release();
        var request = Assert.Single(gateway.Requests);
        Assert.Equal("user-7", request.Headers["X-Request-Key"]);
        Assert.Equal(
            ["f", "l"],
            InferenceProtocol
                .Head(request)
                .GetProperty("outputs")
                .EnumerateArray()
                .Select(o => o.GetProperty("name").GetString())
        );
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_when_it_said_and_told_what_time_is_left()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            (context, count) =>
            {
                if (count > 1)
                    return InferenceProtocol.ScoreAsync(context, 1);
                context.Response.Headers.RetryAfter = "7";
                return FakeGateway.Error(context, 503, "unavailable", "loading");
            }
        );
        var clock = new ManualClock();
        using var client = Client(clock, gateway.Address);

        var call = client.InferAsync(
            "m",
            InferenceProtocol.Request(),
            new InferenceCallOptions { Timeout = TimeSpan.FromSeconds(15) },
            Token
        );
        await clock.PassAsync(due => due == TimeSpan.FromSeconds(7));

        Assert.Equal(1, Score(await call));
        Assert.Equal(
            // A try has 10 s at most; then 15 - 7 are left.
            [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(8)],
            gateway.Requests.Select(InferenceProtocol.Timeout)
        );
    }

    [Fact]
    public async Task A_wait_longer_than_the_call_has_is_refused_at_once_with_the_servers_words()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) =>
            {
                context.Response.Headers.RetryAfter = "3600";
                return FakeGateway.Error(context, 429, "overloaded", "the quota is used up");
            }
        );
        using var client = Client(new ManualClock(), gateway.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => AskAsync(client));

        Assert.Equal(HttpStatusCode.TooManyRequests, error.Status);
        Assert.Equal("the quota is used up", error.Message);
        Assert.Equal(TimeSpan.FromHours(1), error.RetryAfter);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) => FakeGateway.Error(context, 400, "invalid_input", "no input 'x'")
        );
        using var client = Client(new ManualClock(), gateway.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => AskAsync(client));

        Assert.Equal(OrleansMlErrorCodes.InvalidInput, error.Code);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_asked_for_elsewhere_at_once()
    {
        await using var dying = await FakeGateway.StartAsync();
        dying.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) =>
                InferenceProtocol.AnswerAsync(
                    context,
                    [TensorData.Float32("y", [1f, 2f], 2)],
                    cut: 4
                )
        );
        await using var healthy = await InferenceProtocol.ScoringAsync(2);
        // The clock stands still: any wait would never end.
        using var client = Client(new ManualClock(), dying.Address, healthy.Address);

        for (var i = 0; i < 3; i++)
            Assert.Equal(2, Score(await AskAsync(client)));
        Assert.NotEmpty(dying.Requests);
    }

    [Fact]
    public async Task A_request_of_a_sequence_that_may_have_been_done_is_not_repeated()
    {
        await using var dying = await FakeGateway.StartAsync();
        dying.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) =>
            {
                context.Abort();
                return Task.CompletedTask;
            }
        );
        using var client = Client(new ManualClock(), dying.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => AskAsync(client, "s"));

        Assert.Equal(OrleansMlErrorCodes.Unavailable, error.Code);
        Assert.Contains("1 try", error.Message);
        Assert.Single(dying.Requests);
    }

    [Fact]
    public async Task A_request_of_a_sequence_with_an_id_is_repeated_since_it_is_applied_once()
    {
        await using var dying = await FakeGateway.StartAsync();
        dying.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) =>
            {
                context.Abort();
                return Task.CompletedTask;
            }
        );
        await using var healthy = await InferenceProtocol.ScoringAsync(2);
        using var client = Client(new ManualClock(), dying.Address, healthy.Address);

        for (var i = 0; i < 3; i++)
            Assert.Equal(
                2,
                Score(
                    await client.InferAsync(
                        "m",
                        InferenceProtocol.Request("s") with
                        {
                            Id = $"{i}",
                        },
                        null,
                        Token
                    )
                )
            );
        Assert.NotEmpty(dying.Requests);
    }

    [Fact]
    public async Task A_request_of_a_sequence_that_never_left_is_repeated()
    {
        await using var healthy = await InferenceProtocol.ScoringAsync(2);
        using var client = Client(new ManualClock(), ClosedPort(), healthy.Address);

        for (var i = 0; i < 3; i++)
            Assert.Equal(2, Score(await AskAsync(client, "s")));
    }

    [Fact]
    public async Task Calls_go_to_each_endpoint_in_turn()
    {
        await using var a = await InferenceProtocol.ScoringAsync(1);
        await using var b = await InferenceProtocol.ScoringAsync(2);
        using var client = Client(new ManualClock(), a.Address, b.Address);

        for (var i = 0; i < 6; i++)
            await AskAsync(client);

        Assert.Equal((3, 3), (a.Requests.Count, b.Requests.Count));
    }

    [Fact]
    public async Task A_slow_server_is_passed_by_a_hedge_and_its_request_is_cancelled()
    {
        await using var slow = await FakeGateway.StartAsync();
        var (arrived, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        Hang(slow, arrived, cancelled);
        await using var fast = await InferenceProtocol.ScoringAsync(2);
        var clock = new ManualClock();
        using var client = Client(clock, Hedged(), slow.Address, fast.Address);
        await WarmAsync(client, slow, fast);

        var call = AskAsync(client);
        await arrived.Task;
        await clock.PassAsync(due => due == TimeSpan.FromMilliseconds(30));

        Assert.Equal(2, Score(await call));
        await cancelled.Task;
    }

    [Fact]
    public async Task A_request_of_a_sequence_is_never_hedged()
    {
        await using var slow = await FakeGateway.StartAsync();
        var (arrived, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        Hang(slow, arrived, cancelled);
        await using var fast = await InferenceProtocol.ScoringAsync(2);
        var clock = new ManualClock();
        using var client = Client(clock, Hedged(), slow.Address, fast.Address);
        await WarmAsync(client, slow, fast);
        var before = fast.Requests.Count;

        var call = AskAsync(client, "s");
        await arrived.Task;
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(before, fast.Requests.Count);
        clock.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => call);
        Assert.Equal(OrleansMlErrorCodes.Timeout, error.Code);
        Assert.Equal(before, fast.Requests.Count);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_answer_is_left_alone_until_its_pause_is_over()
    {
        await using var dying = await FakeGateway.StartAsync();
        var answers = false;
        dying.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) =>
            {
                if (answers)
                    return InferenceProtocol.ScoreAsync(context, 1);
                context.Abort();
                return Task.CompletedTask;
            }
        );
        await using var healthy = await InferenceProtocol.ScoringAsync(2);
        var clock = new ManualClock();
        using var client = Client(clock, dying.Address, healthy.Address);

        for (var i = 0; i < 20; i++)
            await AskAsync(client);
        Assert.Equal(4, dying.Requests.Count);
        answers = true;
        clock.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 4; i++)
            await AskAsync(client);

        Assert.Equal(6, dying.Requests.Count);
    }

    [Fact]
    public async Task When_every_endpoint_is_left_alone_the_error_says_so_and_for_how_long()
    {
        using var client = Client(
            new ManualClock(),
            options => options.MaxRetries = 0,
            ClosedPort()
        );
        OrleansMlException? last = null;
        for (var i = 0; i < 5; i++)
            last = await Assert.ThrowsAsync<OrleansMlException>(() => AskAsync(client));

        Assert.Equal(OrleansMlErrorCodes.Unavailable, last!.Code);
        Assert.Equal(TimeSpan.FromSeconds(2), last.RetryAfter);
        Assert.Contains("did not answer before", last.Message);
    }

    [Fact]
    public async Task A_call_that_is_given_up_ends_so()
    {
        await using var slow = await FakeGateway.StartAsync();
        var (arrived, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        Hang(slow, arrived, gone);
        using var client = Client(new ManualClock(), slow.Address);
        using var stop = new CancellationTokenSource();

        var call = client.InferAsync("m", InferenceProtocol.Request(), null, stop.Token);
        await arrived.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await gone.Task;
    }

    [Theory]
    [InlineData("Inference-Header-Content-Length", "no number")]
    [InlineData("Inference-Header-Content-Length", "3")]
    public async Task An_answer_that_is_none_is_told_from_one(string header, string value)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            async (context, _) =>
            {
                context.Response.Headers[header] = value;
                await context.Response.WriteAsync("{ }    ", Token);
            }
        );
        using var client = Client(new ManualClock(), gateway.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => AskAsync(client));

        Assert.Equal(OrleansMlErrorCodes.UnexpectedAnswer, error.Code);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task An_answer_larger_than_the_limit_is_refused_by_its_name()
    {
        await using var gateway = await InferenceProtocol.ScoringAsync(1);
        using var client = Client(
            new ManualClock(),
            options => options.MaxResponseBytes = 2,
            gateway.Address
        );

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => AskAsync(client));

        Assert.Contains("MaxResponseBytes", error.Message);
    }

    [Fact]
    public async Task Names_that_would_lead_to_another_route_are_refused()
    {
        using var client = Client(new ManualClock(), ClosedPort());

        await Assert.ThrowsAsync<InvalidInputException>(() =>
            client.InferAsync("../api", InferenceProtocol.Request(), null, Token)
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            client.DescribeAsync("m", new InferenceCallOptions { Reference = "a/b" }, Token)
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            client.DescribeAsync("m", new InferenceCallOptions { Timeout = TimeSpan.Zero }, Token)
        );
    }

    [Theory]
    [InlineData("Hedging.Budget")]
    [InlineData("Hedging.Percentile")]
    [InlineData("Breaker.MinRequests")]
    [InlineData("Breaker.Pause")]
    public void A_wrong_option_is_refused_by_name(string option)
    {
        var options = new OrleansMlClientOptions { Hedging = new HedgingOptions() };
        _ = option switch
        {
            "Hedging.Budget" => (object)(options.Hedging.Budget = 0),
            "Hedging.Percentile" => options.Hedging.Percentile = double.NaN,
            "Breaker.MinRequests" => options.Breaker!.MinRequests = 1,
            _ => options.Breaker!.Pause = TimeSpan.Zero,
        };

        var error = Assert.Throws<InvalidInputException>(() => InferenceClient.OverHttp(options));

        Assert.Contains(option, error.Message);
    }

    private static Task<InferenceResponse> AskAsync(
        InferenceClient client,
        string? sequence = null
    ) => client.InferAsync("m", InferenceProtocol.Request(sequence), null, Token);

    // The first call goes to the second endpoint; the one after it to the first, which hangs.
    private static async Task WarmAsync(InferenceClient client, FakeGateway slow, FakeGateway fast)
    {
        await AskAsync(client);
        Assert.Equal((0, 1), (slow.Requests.Count, fast.Requests.Count));
    }

    private static void Hang(
        FakeGateway gateway,
        TaskCompletionSource arrived,
        TaskCompletionSource cancelled
    ) =>
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            async (context, _) =>
            {
                context.RequestAborted.Register(() => cancelled.TrySetResult());
                arrived.TrySetResult();
                await Task.Delay(
                    Timeout.InfiniteTimeSpan,
                    TimeProvider.System,
                    context.RequestAborted
                );
            }
        );

    private static Action<OrleansMlClientOptions> Hedged() =>
        options => options.Hedging = new HedgingOptions { Delay = TimeSpan.FromMilliseconds(30) };

    private static InferenceClient Client(
        TimeProvider clock,
        params IReadOnlyList<Uri> endpoints
    ) => Client(clock, _ => { }, endpoints);

    private static InferenceClient Client(
        TimeProvider clock,
        Action<OrleansMlClientOptions> configure,
        params IReadOnlyList<Uri> endpoints
    )
    {
        var options = new OrleansMlClientOptions
        {
            Endpoints = endpoints,
            TimeProvider = clock,
            Random = new Random(1),
        };
        configure(options);
        return InferenceClient.OverHttp(options);
    }

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
