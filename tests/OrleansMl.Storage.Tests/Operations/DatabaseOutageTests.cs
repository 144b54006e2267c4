using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Training;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>A PostgreSQL server of its own, that goes away and comes back.</summary>
public sealed class DatabaseOutageTests : IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private TestDatabase _db = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_and_what_waited_goes_through()
    {
        var retries = new RetrySignal();
        await using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(retries))
            .AddOrleansMlStorage(_db.Options)
            .BuildServiceProvider();
        var catalog = services.GetRequiredService<ICatalog>();
        var metrics = services.GetRequiredService<ITrainingMetricsStore>();
        var run = new TrainingRunId("run");
        await metrics.BeginAttemptAsync(run, 1, 0, Token);
        // Eight at once, so that the pool is full of connections that the outage kills.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => WriteAsync(catalog, $"before-{i}")));

        await _server.StopAsync();
        var waiting = Enumerable.Range(0, 8).Select(i => WriteAsync(catalog, $"during-{i}"));
        var work = Task.WhenAll([.. waiting, AppendAsync(metrics, run)]);
        await retries.Task.WaitAsync(Token);
        Assert.False(work.IsCompleted);
        var health = await services.GetRequiredService<IDatabaseHealth>().CheckAsync(Token);
        await _server.RestartAsync();
        await work;

        Assert.False(health.Available);
        Assert.Contains("127.0.0.1", health.Detail, StringComparison.Ordinal);
        Assert.True(
            (await services.GetRequiredService<IDatabaseHealth>().CheckAsync(Token)).Available
        );
        var rows = await catalog.ListAsync(new CatalogQuery(CatalogKinds.Model, []), Token);
        Assert.Equal(16, rows.Count);
        Assert.Single(await metrics.ReadAsync(run, null, 10, Token));
    }

    [Fact]
    public async Task A_silo_goes_on_by_itself_and_a_write_during_the_outage_waits_for_it()
    {
        var retries = new RetrySignal();
        await using var silo = await TestSilo.StartAsync("a", _db.Options, retries);
        await silo.Grain("g").SetAsync("before", Token);

        await _server.StopAsync();
        var write = silo.Grain("g").SetAsync("during", Token);
        await retries.Task.WaitAsync(Token);
        await _server.RestartAsync();
        await write;

        Assert.Equal("during", await silo.Grain("g").GetAsync(Token));
        await silo.Grain("h").SetAsync("after", Token);
        await silo.Grain("g").RemindAsync(TimeSpan.FromHours(1), Token);
        Assert.Single(await silo.HostsAsync());
    }

    public async ValueTask InitializeAsync() =>
        _db = await TestDatabase.CreateAsync(DatabaseProvider.PostgreSql, _server);

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static Task WriteAsync(ICatalog catalog, string key) =>
        catalog.UpsertAsync(
            new CatalogEntry(CatalogKinds.Model, key, "", DateTimeOffset.UnixEpoch, "{}"),
            Token
        );

    private static Task AppendAsync(ITrainingMetricsStore metrics, TrainingRunId run) =>
        metrics.AppendAsync(
            run,
            1,
            [
                new MetricPoint
                {
                    Step = 1,
                    Epoch = 1,
                    Series = "step",
                    ElapsedSeconds = 1,
                    Values = new Dictionary<string, double> { ["loss"] = 1 },
                },
            ],
            Token
        );
}
