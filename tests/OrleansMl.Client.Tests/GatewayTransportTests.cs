using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Client.Tests;

public sealed class GatewayTransportTests
{
    private static readonly ModelSnapshot Fashion = new()
    {
        Name = "fashion",
        LatestVersion = 3,
        Aliases = new Dictionary<string, int> { ["champion"] = 2 },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_busy_gateway_is_asked_again_when_it_said()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/models/fashion",
            (context, count) =>
            {
                if (count > 1)
                    return FakeGateway.Json(context, Fashion);
                context.Response.Headers.RetryAfter = "17";
                return FakeGateway.Error(context, 429, "overloaded", "the queue is full");
            }
        );
        var clock = new ManualClock();
        var notices = new List<RetryNotice>();
        using var client = Client(clock, notices, gateway.Address);

        var call = client.Models.GetAsync("fashion", Token);
        await clock.PassAsync(due => due == TimeSpan.FromSeconds(17));

        Assert.Equal(3, (await call).LatestVersion);
        var notice = Assert.Single(notices);
        Assert.Equal(TimeSpan.FromSeconds(17), notice.Delay);
        Assert.Contains("429", notice.Reason);
    }

    [Fact]
    public async Task A_wait_longer_than_the_call_may_take_is_refused_at_once()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/models/fashion",
            (context, _) =>
            {
                context.Response.Headers.RetryAfter = "3600";
                return FakeGateway.Error(context, 503, "unavailable", "moving house");
            }
        );
        using var client = Client(new ManualClock(), [], gateway.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Models.GetAsync("fashion", Token)
        );

        Assert.Equal(HttpStatusCode.ServiceUnavailable, error.Status);
        Assert.Equal("unavailable", error.Code);
        Assert.Equal("moving house", error.Message);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task A_dead_endpoint_is_passed_over_without_any_wait()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/models/fashion", Fashion);
        // The clock stands still: any wait would never end.
        using var client = Client(new ManualClock(), [], ClosedPort(), gateway.Address);

        Assert.Equal(3, (await client.Models.GetAsync("fashion", Token)).LatestVersion);
        await client.Models.GetAsync("fashion", Token);

        Assert.Equal(2, gateway.Requests.Count);
    }

    [Fact]
    public async Task A_gateway_that_dies_hands_its_callers_to_the_next()
    {
        await using var second = await FakeGateway.StartAsync();
        second.OnJson("GET", "/api/v1/models/fashion", Fashion);
        var first = await FakeGateway.StartAsync();
        first.OnJson("GET", "/api/v1/models/fashion", Fashion);
        using var client = Client(new ManualClock(), [], first.Address, second.Address);

        await client.Models.GetAsync("fashion", Token);
        Assert.Single(first.Requests);
        await first.DisposeAsync();
        await client.Models.GetAsync("fashion", Token);

        Assert.Single(second.Requests);
    }

    [Fact]
    public async Task A_hung_gateway_costs_one_attempt_timeout()
    {
        await using var hung = await FakeGateway.StartAsync();
        var arrived = new TaskCompletionSource();
        hung.On(
            "GET",
            "/api/v1/models/fashion",
            async (context, _) =>
            {
                arrived.SetResult();
                await Task.Delay(
                    Timeout.InfiniteTimeSpan,
                    TimeProvider.System,
                    context.RequestAborted
                );
            }
        );
        await using var healthy = await FakeGateway.StartAsync();
        healthy.OnJson("GET", "/api/v1/models/fashion", Fashion);
        var clock = new ManualClock();
        using var client = Client(clock, [], hung.Address, healthy.Address);

        var call = client.Models.GetAsync("fashion", Token);
        await arrived.Task;
        await clock.PassAsync(due => due == TimeSpan.FromSeconds(10));

        Assert.Equal(3, (await call).LatestVersion);
    }

    [Fact]
    public async Task When_nothing_listens_the_error_names_the_address_and_the_tries()
    {
        var closed = ClosedPort();
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [closed], MaxRetries = 0 }
        );

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => client.StatusAsync(Token));

        Assert.Null(error.Status);
        Assert.Equal(OrleansMlErrorCodes.Unavailable, error.Code);
        Assert.Contains($"127.0.0.1:{closed.Port}", error.Message);
        Assert.Contains("1 try", error.Message);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_and_keeps_its_code_and_details()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/runs",
            new
            {
                error = "the configuration has 1 error",
                code = "invalid_config",
                details = new[]
                {
                    new
                    {
                        line = 3,
                        column = 5,
                        message = "unknown key 'epoch'",
                    },
                },
            },
            400
        );
        using var client = Client(new ManualClock(), [], gateway.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Runs.SubmitAsync("epoch: 3", cancellationToken: Token)
        );

        Assert.Equal(HttpStatusCode.BadRequest, error.Status);
        Assert.Equal(OrleansMlErrorCodes.InvalidConfiguration, error.Code);
        var detail = Assert.Single(error.Details);
        Assert.Equal((3, 5, "unknown key 'epoch'"), (detail.Line, detail.Column, detail.Message));
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task Another_server_is_told_from_a_gateway()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/status",
            (context, _) =>
            {
                context.Response.StatusCode = 403;
                return context.Response.WriteAsync("<html>go away</html>", Token);
            }
        );
        using var client = Client(new ManualClock(), [], gateway.Address);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() => client.StatusAsync(Token));

        Assert.Equal(OrleansMlErrorCodes.UnexpectedAnswer, error.Code);
        Assert.Equal(HttpStatusCode.Forbidden, error.Status);
    }

    [Fact]
    public async Task A_delete_whose_answer_was_lost_is_done()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "DELETE",
            "/api/v1/datasets/fashion",
            (context, count) =>
            {
                if (count > 1)
                    return FakeGateway.Error(context, 404, "not_found", "no dataset 'fashion'");
                context.Abort();
                return Task.CompletedTask;
            }
        );
        var clock = new ManualClock();
        using var client = Client(clock, [], gateway.Address);

        var call = client.Datasets.DeleteAsync("fashion", cancellationToken: Token);
        await clock.PassAsync(due => due < TimeSpan.FromSeconds(10));
        await call;

        Assert.Equal(2, gateway.Requests.Count);
        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Datasets.DeleteAsync("fashion", cancellationToken: Token)
        );
        Assert.Equal(OrleansMlErrorCodes.NotFound, error.Code);
    }

    [Fact]
    public async Task The_key_goes_as_a_bearer_token()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/models/fashion", Fashion);
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [gateway.Address], ApiKey = "s3cret" }
        );

        await client.Models.GetAsync("fashion", Token);

        Assert.True(gateway.Requests.TryPeek(out var request));
        Assert.Equal("Bearer s3cret", request.Headers["Authorization"]);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_not_a_failure_of_the_cluster()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var cancelled = new CancellationTokenSource();
        gateway.On(
            "GET",
            "/api/v1/status",
            async (context, _) =>
            {
                await cancelled.CancelAsync();
                await Task.Delay(
                    Timeout.InfiniteTimeSpan,
                    TimeProvider.System,
                    context.RequestAborted
                );
            }
        );
        using var client = Client(new ManualClock(), [], gateway.Address);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            client.StatusAsync(cancelled.Token)
        );

        Assert.Single(gateway.Requests);
    }

    [Theory]
    [InlineData(nameof(OrleansMlClientOptions.Endpoints))]
    [InlineData(nameof(OrleansMlClientOptions.Timeout))]
    [InlineData(nameof(OrleansMlClientOptions.MaxRetries))]
    [InlineData(nameof(OrleansMlClientOptions.MaxResponseBytes))]
    public void A_wrong_option_is_refused_by_name(string option)
    {
        var options = new OrleansMlClientOptions();
        _ = option switch
        {
            nameof(options.Endpoints) => (object)(options.Endpoints = [new Uri("ftp://x")]),
            nameof(options.Timeout) => options.Timeout = TimeSpan.Zero,
            nameof(options.MaxRetries) => options.MaxRetries = -1,
            _ => options.MaxResponseBytes = 0,
        };

        var error = Assert.Throws<InvalidInputException>(() => new OrleansMlClient(options));

        Assert.Contains(option, error.Message);
    }

    [Fact]
    public void Ids_of_commands_are_valid_run_ids_that_sort_by_time()
    {
        var clock = new ManualClock();
        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(CommandId.New(clock));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.All(ids, id => Assert.True(ResourceName.IsValid(id), id));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(100, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(26, id.Length));
    }

    private static OrleansMlClient Client(
        TimeProvider clock,
        List<RetryNotice> notices,
        params IReadOnlyList<Uri> endpoints
    ) =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = endpoints,
                TimeProvider = clock,
                Random = new Random(1),
                OnRetry = notices.Add,
            }
        );

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return new Uri($"http://127.0.0.1:{port}");
    }
}
