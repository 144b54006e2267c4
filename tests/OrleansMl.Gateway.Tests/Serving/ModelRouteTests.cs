using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Gateway.Serving;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class ModelRouteTests(GatewayCluster cluster)
{
    private readonly FakeTimeProvider _time = new();

    private ModelRoutes Routes(Action<GatewayOptions>? configure = null)
    {
        var options = new GatewayOptions();
        configure?.Invoke(options);
        return new ModelRoutes(
            cluster.Silo.GetRequiredService<IGrainFactory>(),
            Options.Create(options),
            _time,
            NullLogger<ModelRoutes>.Instance
        );
    }

    private void Add(string name, int latest) =>
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = latest,
            Aliases = new Dictionary<string, int>(),
        };

    private int Calls(string name) => cluster.World.Calls.Count(call => call == $"model/{name}");

    private static async Task<int> ResolveAsync(ModelRoutes routes, string name) =>
        (await routes.ResolveAsync(name, "", TestContext.Current.CancellationToken)).Version;

    [Fact]
    public async Task A_young_route_answers_without_a_call()
    {
        var routes = Routes();
        Add("rt-young", 1);

        for (var i = 0; i < 100; i++)
            Assert.Equal(1, await ResolveAsync(routes, "rt-young"));
        _time.Advance(TimeSpan.FromSeconds(1));
        var again = routes.ResolveAsync("rt-young", "", TestContext.Current.CancellationToken);

        Assert.True(again.IsCompletedSuccessfully);
        Assert.Equal(1, (await again).Version);
        Assert.Equal(1, Calls("rt-young"));
    }

    [Fact]
    public async Task A_route_past_its_time_answers_once_more_while_it_is_fetched_anew()
    {
        var routes = Routes();
        Add("rt-stale", 1);
        await ResolveAsync(routes, "rt-stale");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.World.Gates["rt-stale"] = gate.Task;
        Add("rt-stale", 2);
        _time.Advance(TimeSpan.FromSeconds(1.5));

        var meanwhile = routes.ResolveAsync("rt-stale", "", TestContext.Current.CancellationToken);
        Assert.True(meanwhile.IsCompletedSuccessfully);
        Assert.Equal(1, (await meanwhile).Version);
        gate.SetResult();
        cluster.World.Gates.TryRemove("rt-stale", out _);
        // What joins the fetch under way gets its result.
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, await ResolveAsync(routes, "rt-stale"));
    }

    [Fact]
    public async Task An_old_route_waits_for_the_new_one()
    {
        var routes = Routes();
        Add("rt-old", 1);
        await ResolveAsync(routes, "rt-old");
        Add("rt-old", 2);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(2, await ResolveAsync(routes, "rt-old"));
    }

    [Fact]
    public async Task While_the_model_cannot_be_asked_the_old_route_serves_up_to_its_limit()
    {
        var routes = Routes(options => options.RouteStaleSeconds = 60);
        Add("rt-away", 1);
        await ResolveAsync(routes, "rt-away");
        cluster.World.Faults["rt-away"] = () => new TimeoutException("no answer");

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, await ResolveAsync(routes, "rt-away"));
        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => ResolveAsync(routes, "rt-away"));
        cluster.World.Faults.TryRemove("rt-away", out _);
        Assert.Equal(1, await ResolveAsync(routes, "rt-away"));
    }

    [Fact]
    public async Task While_the_model_is_slow_the_old_route_serves_after_a_short_wait()
    {
        var routes = Routes();
        Add("rt-slow", 1);
        await ResolveAsync(routes, "rt-slow");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.World.Gates["rt-slow"] = gate.Task;
        _time.Advance(TimeSpan.FromSeconds(30));

        var waiting = ResolveAsync(routes, "rt-slow");
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(1, await waiting);
        cluster.World.Gates.TryRemove("rt-slow", out _);
        gate.SetResult();
    }

    [Fact]
    public async Task Many_requests_for_an_unknown_route_share_one_call()
    {
        var routes = Routes();
        Add("rt-herd", 1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.World.Gates["rt-herd"] = gate.Task;

        var requests = Enumerable
            .Range(0, 50)
            .Select(_ => ResolveAsync(routes, "rt-herd"))
            .ToList();
        gate.SetResult();
        await Task.WhenAll(requests);

        Assert.Equal(1, Calls("rt-herd"));
    }

    [Fact]
    public async Task A_model_that_was_not_there_is_found_once_it_is()
    {
        var routes = Routes();
        await Assert.ThrowsAsync<NotFoundException>(() => ResolveAsync(routes, "rt-later"));
        Add("rt-later", 1);

        Assert.Equal(1, await ResolveAsync(routes, "rt-later"));
    }

    [Fact]
    public async Task Past_the_limit_the_oldest_routes_are_forgotten_and_fetched_again()
    {
        var routes = Routes(options => options.MaxRoutes = 10);
        for (var i = 0; i < 11; i++)
        {
            Add($"rt-limit-{i}", 1);
            await ResolveAsync(routes, $"rt-limit-{i}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await ResolveAsync(routes, "rt-limit-0");
        await ResolveAsync(routes, "rt-limit-10");

        Assert.Equal(2, Calls("rt-limit-0"));
        Assert.Equal(1, Calls("rt-limit-10"));
    }
}
