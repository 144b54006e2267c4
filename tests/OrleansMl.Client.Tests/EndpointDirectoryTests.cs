using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving;
using OrleansMl.Client.Tests.Serving;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client.Tests;

public sealed class EndpointDirectoryTests
{
    private static readonly ModelSnapshot Fashion = new()
    {
        Name = "fashion",
        LatestVersion = 3,
        Aliases = new Dictionary<string, int>(),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static GatewayEndpoint Of(FakeGateway gateway, string silo) =>
        new() { Silo = silo, Url = $"{gateway.Address}" };

    [Fact]
    public async Task A_client_follows_the_gateways_that_the_cluster_names()
    {
        await using var added = await FakeGateway.StartAsync();
        added.OnJson("GET", "/api/v1/models/fashion", Fashion);
        var seed = await FakeGateway.StartAsync();
        seed.OnJson("GET", "/api/v1/models/fashion", Fashion)
            .OnJson("GET", "/api/v1/gateways", new[] { Of(seed, "a"), Of(added, "b") });
        added.OnJson("GET", "/api/v1/gateways", new[] { Of(added, "b") });
        using var transport = Transport(new ManualClock(), seed.Address);

        await transport.SendAsync<ModelSnapshot>(Call(), Token);
        await transport.Endpoints.Refreshing;
        Assert.Equal(2, transport.Endpoints.Count);
        // The only configured gateway dies: the clock stands still, so any wait would never end.
        await seed.DisposeAsync();
        await transport.SendAsync<ModelSnapshot>(Call(), Token);

        Assert.Contains(added.Requests, r => r.Path == "/api/v1/models/fashion");
    }

    [Fact]
    public async Task A_failure_has_the_list_looked_up_at_once_and_a_gateway_that_left_is_forgotten()
    {
        await using var seed = await FakeGateway.StartAsync();
        var gone = await FakeGateway.StartAsync();
        seed.OnJson("GET", "/api/v1/models/fashion", Fashion);
        gone.OnJson("GET", "/api/v1/models/fashion", Fashion);
        seed.OnJson("GET", "/api/v1/gateways", new[] { Of(gone, "a"), Of(seed, "b") });
        gone.OnJson("GET", "/api/v1/gateways", new[] { Of(gone, "a"), Of(seed, "b") });
        var clock = new ManualClock();
        using var transport = Transport(clock, gone.Address, seed.Address);
        await transport.SendAsync<ModelSnapshot>(Call(), Token);
        await transport.Endpoints.Refreshing;
        await gone.DisposeAsync();
        seed.OnJson("GET", "/api/v1/gateways", new[] { Of(seed, "b") });
        clock.Advance(TimeSpan.FromSeconds(1));

        await transport.SendAsync<ModelSnapshot>(Call(), Token);
        await transport.Endpoints.Refreshing;

        Assert.Equal(1, transport.Endpoints.Count);
        Assert.Equal(seed.Address, transport.Endpoints.Current);
    }

    [Fact]
    public async Task A_list_that_shrinks_while_a_call_fails_costs_it_no_wait()
    {
        await using var seed = await InferenceProtocol.ScoringAsync(2);
        await using var leaving = await FakeGateway.StartAsync();
        var list = new[] { Of(seed, "b") };
        // Not told before the call has come to the one that leaves: else it would never go there.
        var asked = new TaskCompletionSource();
        seed.OnJson("GET", "/api/v1/models/fashion", Fashion)
            .On("GET", "/api/v1/gateways", (context, _) => TellAsync(context));
        leaving.On("GET", "/api/v1/gateways", (context, _) => TellAsync(context));
        // The clock stands still but here: a wait would never end.
        var clock = new ManualClock();
        GatewayTransport? second = null;
        using var transport = Transport(clock, leaving.Address, seed.Address);
        leaving
            .On("GET", "/api/v1/models/fashion", (context, _) => LeaveAsync(context))
            .On("POST", "/v2/models/m/infer", (context, _) => LeaveAsync(context));

        await transport.SendAsync<ModelSnapshot>(Call(), Token);
        Assert.Equal(1, transport.Endpoints.Count);

        // Calls of models begin with the second.
        asked = new TaskCompletionSource();
        using var other = second = Transport(clock, seed.Address, leaving.Address);
        using var client = InferenceClient.OverHttp(other.Options, other.Endpoints);
        var answer = await client.InferAsync("m", InferenceProtocol.Request(), null, Token);
        Assert.Equal([2f], answer.Outputs[0].AsFloat32());
        Assert.Contains(leaving.Requests, r => r.Path == "/v2/models/m/infer");

        async Task TellAsync(HttpContext context)
        {
            await asked.Task;
            await FakeGateway.Json(context, list);
        }

        async Task LeaveAsync(HttpContext context)
        {
            var endpoints = context.Request.Method == "GET" ? transport : second!;
            asked.TrySetResult();
            clock.Advance(TimeSpan.FromSeconds(5));
            endpoints.Endpoints.Begin();
            await endpoints.Endpoints.Refreshing;
            context.Abort();
        }
    }

    [Fact]
    public async Task The_list_is_asked_for_once_an_interval_however_many_calls_there_are()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .OnJson("GET", "/api/v1/models/fashion", Fashion)
            .OnJson("GET", "/api/v1/gateways", new[] { Of(gateway, "a") });
        var clock = new ManualClock();
        using var transport = Transport(clock, gateway.Address);

        for (var i = 0; i < 5; i++)
        {
            await transport.SendAsync<ModelSnapshot>(Call(), Token);
            await transport.Endpoints.Refreshing;
        }
        Assert.Single(gateway.Requests, r => r.Path == "/api/v1/gateways");
        clock.Advance(TimeSpan.FromSeconds(5));
        await transport.SendAsync<ModelSnapshot>(Call(), Token);
        await transport.Endpoints.Refreshing;

        Assert.Equal(2, gateway.Requests.Count(r => r.Path == "/api/v1/gateways"));
    }

    [Fact]
    public async Task A_list_that_nobody_gives_leaves_the_last_one()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("GET", "/api/v1/models/fashion", Fashion);
        using var transport = Transport(new ManualClock(), gateway.Address);

        await transport.SendAsync<ModelSnapshot>(Call(), Token);
        await transport.Endpoints.Refreshing;

        Assert.Equal(gateway.Address, transport.Endpoints.Current);
    }

    [Fact]
    public async Task Every_address_of_a_name_is_an_endpoint()
    {
        var source = new DnsEndpoints(
            [new Uri("http://gateways.example:8080/base"), new Uri("http://10.0.0.9:8080")],
            (host, _) =>
                Task.FromResult<IPAddress[]>([
                    IPAddress.Parse("10.0.0.1"),
                    IPAddress.Parse("fd00::2"),
                ])
        );

        Assert.Equal(
            [
                new Uri("http://10.0.0.1:8080/base"),
                new Uri("http://[fd00::2]:8080/base"),
                new Uri("http://10.0.0.9:8080"),
            ],
            await source.ListAsync([], Token)
        );
    }

    [Fact]
    public async Task A_name_without_addresses_leaves_the_last_list()
    {
        var source = new DnsEndpoints(
            [new Uri("http://gateways.example:8080")],
            (_, _) =>
                Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
        );

        Assert.Empty(await source.ListAsync([], Token));
    }

    [Fact]
    public void Names_in_certificates_are_not_looked_up()
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            new OrleansMlClient(
                new OrleansMlClientOptions
                {
                    Endpoints = [new Uri("https://gateways.example")],
                    Discovery = EndpointDiscovery.Dns,
                }
            )
        );

        Assert.Contains("Discovery", error.Message);
        Assert.Contains("https://gateways.example", error.Message);
    }

    private static GatewayCall Call() => new(HttpMethod.Get, "api/v1/models/fashion");

    private static GatewayTransport Transport(
        TimeProvider clock,
        params IReadOnlyList<Uri> endpoints
    ) =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = endpoints,
                Discovery = EndpointDiscovery.Cluster,
                TimeProvider = clock,
                Random = new Random(1),
            }
        );
}
