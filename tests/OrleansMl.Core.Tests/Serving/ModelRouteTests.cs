using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Tests.Serving;

public sealed class ModelRouteTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeModelSource _source = new();

    private ModelRoutes Routes(Action<RoutingOptions>? configure = null)
    {
        var options = new RoutingOptions();
        configure?.Invoke(options);
        return new ModelRoutes(
            _source,
            Options.Create(options),
            _time,
            NullLogger<ModelRoutes>.Instance
        );
    }

    private static ValueTask<RouteSnapshot> GetAsync(ModelRoutes routes, string name) =>
        routes.GetAsync(name, TestContext.Current.CancellationToken);

    private static async Task<int> LatestAsync(ModelRoutes routes, string name) =>
        (await GetAsync(routes, name)).Model.LatestVersion;

    [Fact]
    public async Task A_young_route_answers_without_a_call()
    {
        var routes = Routes();
        _source.Add("young", 1);

        for (var i = 0; i < 100; i++)
            Assert.Equal(1, await LatestAsync(routes, "young"));
        _time.Advance(TimeSpan.FromSeconds(1));
        var again = GetAsync(routes, "young");

        Assert.True(again.IsCompletedSuccessfully);
        Assert.Equal(1, (await again).Model.LatestVersion);
        Assert.Equal(1, _source.Asked("young"));
    }

    [Fact]
    public async Task A_route_past_its_time_answers_once_more_while_it_is_fetched_anew()
    {
        var routes = Routes();
        _source.Add("stale", 1);
        await LatestAsync(routes, "stale");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Gate = gate.Task;
        _source.Add("stale", 2);
        _time.Advance(TimeSpan.FromSeconds(1.5));

        var meanwhile = GetAsync(routes, "stale");
        Assert.True(meanwhile.IsCompletedSuccessfully);
        Assert.Equal(1, (await meanwhile).Model.LatestVersion);
        gate.SetResult();
        // What joins the fetch under way gets its result.
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, await LatestAsync(routes, "stale"));
    }

    [Fact]
    public async Task An_old_route_waits_for_the_new_one()
    {
        var routes = Routes();
        _source.Add("old", 1);
        await LatestAsync(routes, "old");
        _source.Add("old", 2);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(2, await LatestAsync(routes, "old"));
    }

    [Fact]
    public async Task While_the_model_cannot_be_asked_the_old_route_serves_up_to_its_limit()
    {
        var routes = Routes(options => options.StaleSeconds = 60);
        _source.Add("away", 1);
        await LatestAsync(routes, "away");
        _source.Fault = new TimeoutException("no answer");

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, await LatestAsync(routes, "away"));
        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => LatestAsync(routes, "away"));
        _source.Fault = null;
        Assert.Equal(1, await LatestAsync(routes, "away"));
    }

    [Fact]
    public async Task While_the_model_is_slow_the_old_route_serves_after_a_short_wait()
    {
        var routes = Routes();
        _source.Add("slow", 1);
        await LatestAsync(routes, "slow");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Gate = gate.Task;
        _time.Advance(TimeSpan.FromSeconds(30));

        var waiting = LatestAsync(routes, "slow");
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(1, await waiting);
        gate.SetResult();
    }

    [Fact]
    public async Task Many_requests_for_an_unknown_route_share_one_call()
    {
        var routes = Routes();
        _source.Add("herd", 1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Gate = gate.Task;

        var requests = Enumerable.Range(0, 50).Select(_ => LatestAsync(routes, "herd")).ToList();
        gate.SetResult();
        await Task.WhenAll(requests);

        Assert.Equal(1, _source.Asked("herd"));
    }

    [Fact]
    public async Task A_model_that_was_not_there_is_found_once_it_is()
    {
        var routes = Routes();
        await Assert.ThrowsAsync<NotFoundException>(() => LatestAsync(routes, "later"));
        _source.Add("later", 1);

        Assert.Equal(1, await LatestAsync(routes, "later"));
    }

    [Fact]
    public async Task What_is_no_name_is_refused_and_never_asked_for()
    {
        var routes = Routes();

        await Assert.ThrowsAsync<InvalidInputException>(() => LatestAsync(routes, "no name"));

        Assert.Equal(0, _source.Asked("no name"));
    }

    [Fact]
    public async Task Past_the_limit_the_oldest_routes_are_forgotten_and_fetched_again()
    {
        var routes = Routes(options => options.MaxRoutes = 10);
        for (var i = 0; i < 11; i++)
        {
            _source.Add($"limit-{i}", 1);
            await LatestAsync(routes, $"limit-{i}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await LatestAsync(routes, "limit-0");
        await LatestAsync(routes, "limit-10");

        Assert.Equal(2, _source.Asked("limit-0"));
        Assert.Equal(1, _source.Asked("limit-10"));
    }
}
