using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Grains.Serving.Watching;
using OrleansMl.Grains.Tests.Datasets;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Watching;

/// <summary>A cluster that serves the model <c>churn</c>, trained on numbers from 0 to 9, under a policy that watches it.</summary>
internal sealed class WatchedCluster : IAsyncDisposable
{
    private int _policies;
    private TrafficPolicy? _traffic;

    private WatchedCluster(GrainCluster cluster, Ports ports) => (Cluster, Port) = (cluster, ports);

    public GrainCluster Cluster { get; }

    public Ports Port { get; }

    public IModelWatchGrain Watch => Cluster.Grains.GetGrain<IModelWatchGrain>("churn");

    public static WatchPolicy Policy { get; } =
        new()
        {
            WindowSeconds = 60,
            Outliers = new OutlierPolicy(),
            Alerts =
            [
                new AlertRule
                {
                    Name = "moved",
                    Measure = WatchMeasure.Psi,
                    Feature = "x",
                    Above = 0.5,
                    MinimumSamples = 10,
                },
            ],
        };

    public static async Task<WatchedCluster> StartAsync(
        WatchPolicy policy,
        int silos = 1,
        ModelSignature? signature = null,
        TrafficPolicy? traffic = null
    )
    {
        var ports = new Ports();
        var cluster = await GrainCluster.StartAsync(
            services =>
            {
                services.AddSingleton<IEventPublisher>(ports);
                services.AddSingleton<IDatasetShardWriter>(ports);
            },
            [
                .. Enumerable
                    .Range(0, silos)
                    .Select(_ => new TestSilo("gateway,serve,train", ["cpu:0"])),
            ]
        );
        var watched = new WatchedCluster(cluster, ports) { _traffic = traffic };
        await cluster
            .Dataset("numbers")
            .CommitAsync(
                TestDatasets.Commit("d1", 100) with
                {
                    Schema =
                    [
                        new DatasetColumn
                        {
                            Name = "x",
                            Kind = ColumnKind.Vector,
                            Shape = [2],
                        },
                    ],
                    Statistics = [Statistics],
                },
                GrainCluster.Cancel
            );
        await cluster
            .Model("churn")
            .RegisterVersionAsync(
                TestModels.Registration("c1") with
                {
                    Signature = signature ?? TestModels.Signature,
                    Lineage = new ModelLineage { Dataset = new DatasetVersionId("numbers", 1) },
                },
                GrainCluster.Cancel
            );
        await watched.SetAsync(policy);
        return watched;
    }

    public async Task SetAsync(WatchPolicy? policy)
    {
        await Cluster
            .Grains.GetGrain<IModelServingGrain>("churn")
            .SetAsync(
                new ServingPolicyChange
                {
                    CommandId = $"p{++_policies}",
                    Policy = new ServingPolicy { Watch = policy, Traffic = _traffic },
                },
                GrainCluster.Cancel
            );
        Invalidate();
    }

    /// <summary>Lets every silo ask anew for the model.</summary>
    public void Invalidate()
    {
        foreach (var silo in Cluster.Inner.Silos)
            silo.ServiceProvider.GetRequiredService<ModelRoutes>().Invalidate("churn");
    }

    /// <summary>Calls the model by a silo, a row a call.</summary>
    public async Task CallAsync(IEnumerable<float> values, int silo = 0)
    {
        var invoker = Services(silo).GetRequiredService<ModelInvoker>();
        foreach (var value in values)
            await invoker.InvokeAsync(
                new InferenceCall("churn", ""),
                TestModels.Request(value, value) with
                {
                    Id = null,
                },
                GrainCluster.Cancel
            );
    }

    /// <summary>Has a silo count what waits, once the profile is read, and report it.</summary>
    public async Task ReportAsync(int silo = 0)
    {
        var watcher = Services(silo).GetRequiredService<CallWatcher>();
        watcher.Drain();
        await Task.WhenAll(watcher.Versions.Select(v => v.Loading).OfType<Task>());
        await Services(silo).GetRequiredService<WatchReporter>().ReportAsync(GrainCluster.Cancel);
    }

    /// <summary>Lets time pass, a window first, until something is so.</summary>
    public async Task CloseAsync(Func<Task<bool>> until)
    {
        Cluster.Time.Advance(TimeSpan.FromSeconds(60));
        for (var second = 0; second < 600; second++)
        {
            Cluster.Time.Advance(TimeSpan.FromSeconds(1));
            await Cluster.Calls.QuietAsync();
            if (await until())
                return;
            // The grain's timer ticks on the fake clock, and gives no signal when it has done its work.
            await Task.Delay(
                TimeSpan.FromMilliseconds(10),
                TimeProvider.System,
                GrainCluster.Cancel
            );
        }
        Assert.Fail("What was waited for did not come within 600 s of the fake clock.");
    }

    /// <summary>Whether there are so many alerts, of which so many stand.</summary>
    public async Task<bool> HasAlertsAsync(int all, int standing)
    {
        try
        {
            var alerts = await Watch.GetAlertsAsync(GrainCluster.Cancel);
            return alerts.Count == all && alerts.Count(a => a.ClearedAt is null) == standing;
        }
        catch (Exception error) when (GrainCluster.IsTransient(error))
        {
            return false;
        }
    }

    public IServiceProvider Services(int silo = 0) => Cluster.Inner.Silos[silo].ServiceProvider;

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    // Every digit ten times, in vectors of two.
    private static SplitStatistics Statistics { get; } =
        new()
        {
            Split = "train",
            Rows = 100,
            Columns =
            [
                new ColumnStatistics
                {
                    Column = "x",
                    Count = 100,
                    Mean = 4.5,
                    StandardDeviation = 2.9,
                    Quantiles =
                    [
                        .. Enumerable
                            .Range(0, 10)
                            .Select(i => new QuantilePoint { Value = i, Rank = 20 * (i + 1) }),
                    ],
                },
            ],
        };

    /// <summary>Keeps what is published and written, and fails when told to.</summary>
    internal sealed class Ports : IEventPublisher, IDatasetShardWriter
    {
        private int _shards;

        public ConcurrentDictionary<string, EventMessage> Events { get; } = new();

        public ConcurrentQueue<DatasetBatch> Batches { get; } = new();

        public volatile Exception? Fault;

        public Task EnsureTopicAsync(
            string topic,
            TopicSpec spec,
            CancellationToken cancellationToken
        ) => Task.CompletedTask;

        public Task<IReadOnlyList<EventReceipt>> PublishAsync(
            string topic,
            IReadOnlyList<EventMessage> events,
            CancellationToken cancellationToken
        )
        {
            if (Fault is { } fault)
                throw fault;
            Assert.Equal("alerts", topic);
            foreach (var message in events)
                Events[message.Id] = message;
            return Task.FromResult<IReadOnlyList<EventReceipt>>([]);
        }

        public Task<WrittenShard> WriteAsync(
            IReadOnlyList<DatasetColumn> schema,
            DatasetBatch rows,
            CancellationToken cancellationToken
        )
        {
            if (Fault is { } fault)
                throw fault;
            Batches.Enqueue(rows);
            var statistics = new DatasetStatistics(schema, new StatisticsLimits());
            statistics.Add(rows);
            return Task.FromResult(
                new WrittenShard(
                    schema,
                    new DatasetShard
                    {
                        Artifact = TestModels.Artifact(
                            $"part {Interlocked.Increment(ref _shards)}"
                        ),
                        Rows = rows.Rows,
                        Bytes = 1_000,
                        SinceVersion = 0,
                    },
                    statistics.ToStatistics()
                )
            );
        }
    }
}
