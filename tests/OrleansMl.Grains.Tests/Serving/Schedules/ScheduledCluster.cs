using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Schedules;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Serving.Schedules;
using OrleansMl.Grains.Tests.Datasets;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Schedules;

/// <summary>A cluster with a model, a data set that fits it, and a schedule over them; jobs wait until a test ends them.</summary>
internal sealed class ScheduledCluster : IAsyncDisposable
{
    public const string Name = "nightly";

    private ScheduledCluster(GrainCluster cluster) => Cluster = cluster;

    public GrainCluster Cluster { get; }

    public IBatchScheduleGrain Grain => Cluster.Grains.GetGrain<IBatchScheduleGrain>(Name);

    public static BatchScheduleSpec Spec { get; } =
        new()
        {
            Cron = "*/10 * * * *",
            Batch = new BatchAsk
            {
                Model = "churn",
                Reference = "latest",
                Dataset = "people",
            },
        };

    public static async Task<ScheduledCluster> StartAsync(Action<ScheduleOptions>? configure = null)
    {
        var cluster = new ScheduledCluster(
            await GrainCluster.StartAsync(services =>
            {
                if (configure is not null)
                    services.Configure(configure);
            })
        );
        await cluster
            .Cluster.Model("churn")
            .RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel);
        await cluster.ImportAsync("d1");
        return cluster;
    }

    public Task ImportAsync(string command) =>
        Cluster
            .Dataset("people")
            .CommitAsync(
                TestDatasets.Commit(command) with
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
                },
                GrainCluster.Cancel
            );

    public Task<BatchScheduleSnapshot> SetAsync(BatchScheduleSpec spec, long? expected = null) =>
        Grain.SetAsync(spec, expected, GrainCluster.Cancel);

    public async Task<BatchScheduleSnapshot> GetAsync() =>
        (await Grain.GetAsync(GrainCluster.Cancel))!;

    /// <summary>What the reminder does.</summary>
    public Task RemindAsync() =>
        Grain.AsReference<IRemindable>().ReceiveReminder("fire", default, GrainCluster.Cancel);

    public async Task<BatchScheduleSnapshot> AdvanceAsync(TimeSpan span)
    {
        Cluster.Time.Advance(span);
        await RemindAsync();
        return await GetAsync();
    }

    public Task<InferenceJobSnapshot?> JobAsync(string job) =>
        Cluster.Grains.GetGrain<IInferenceJobGrain>(job).GetAsync(GrainCluster.Cancel);

    public Task EndAsync(string job) =>
        Cluster.Grains.GetGrain<IInferenceJobGrain>(job).CancelAsync(GrainCluster.Cancel);

    public async Task<IReadOnlyList<string>> JobsAsync() =>
        [
            .. (
                await Cluster.Catalog.ListAsync(
                    new CatalogQuery(CatalogKinds.InferenceJob, []),
                    GrainCluster.Cancel
                )
            )
                .Select(row => row.Key)
                .Order(),
        ];

    public async Task<ReminderEntry?> ReminderAsync() =>
        (
            await Cluster
                .Inner.Silos[0]
                .ServiceProvider.GetRequiredService<IReminderTable>()
                .ReadRows(Grain.GetGrainId(), GrainCluster.Cancel)
        ).Reminders.SingleOrDefault();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
