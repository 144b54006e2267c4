using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Serving.Watching.Quality;
using OrleansMl.Core.Training;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Serving.Jobs;
using OrleansMl.Grains.Tests.Serving;
using OrleansMl.Grains.Tests.Serving.Traffic;
using OrleansMl.Grains.Tests.Serving.Watching;
using OrleansMl.Grains.Tests.Training;
using OrleansMl.Grains.Tests.Trust;

namespace OrleansMl.Grains.Tests.Operations;

/// <summary>An in-process cluster with one fake clock for grains, shared in-memory ports, and faults by plan.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly Dictionary<string, FakeSupervisor> _supervisors = [];

    private GrainCluster(IReadOnlyList<TestSilo> silos, Action<IServiceCollection>? configure)
    {
        Storage = new MemoryGrainStorage(Faults);
        Catalog = new MemoryCatalog(Faults);
        References = new MemoryArtifactReferences(Faults);
        Metrics = new MemoryMetricsStore(Faults);
        Feedback = new MemoryFeedbackStore(Faults);
        Quality = new MemoryQualityStore(Faults);
        var builder = new InProcessTestClusterBuilder((short)silos.Count);
        builder.Options.ConfigureFileLogging = false;
        foreach (var (silo, index) in silos.Select((silo, index) => (silo, index)))
            _supervisors[Name(index)] = new FakeSupervisor(Name(index), silo.Devices);
        builder.ConfigureSilo(
            (options, silo) =>
            {
                int index;
                lock (Names)
                {
                    index = Names.IndexOf(options.SiloName);
                    if (index < 0)
                    {
                        Names.Add(options.SiloName);
                        index = Names.Count - 1;
                    }
                }
                var definition = silos[Math.Min(index, silos.Count - 1)];
                silo.UseSiloMetadata(
                    new Dictionary<string, string>
                    {
                        [SiloMetadataKeys.Name] = Name(index),
                        [SiloMetadataKeys.Roles] = definition.Roles,
                        [SiloMetadataKeys.Accelerators] = string.Join(
                            ',',
                            definition.Devices.Select(device => device.Split(':')[0]).Distinct()
                        ),
                    }
                );
                silo.AddOrleansMlGrains();
                silo.AddOutgoingGrainCallFilter(Calls);
                silo.UseInMemoryReminderService();
                // Tests of jobs give silos slots for them; elsewhere nothing beats beside what is tested.
                silo.Services.Configure<JobOptions>(options => options.Slots = 0);
                silo.Services.AddSingleton<TimeProvider>(Time);
                silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
                silo.Services.AddKeyedSingleton<IGrainStorage>(GrainStorageNames.Default, Storage);
                silo.Services.AddSingleton<ICatalog>(Catalog);
                silo.Services.AddSingleton<IArtifactReferences>(References);
                silo.Services.AddSingleton<ITrainingMetricsStore>(Metrics);
                silo.Services.AddSingleton<IFeedbackStore>(Feedback);
                silo.Services.AddSingleton<IQualityStore>(Quality);
                silo.Services.AddSingleton<IAuditLog>(Audit);
                silo.Services.AddSingleton<ILocalArtifacts>(Engine);
                silo.Services.AddSingleton<IInferenceEngine>(Engine);
                silo.Services.AddSingleton<IWorkerSupervisor>(_supervisors[Name(index)]);
                silo.Services.Configure<ClusterMembershipOptions>(options =>
                {
                    options.ProbeTimeout = TimeSpan.FromSeconds(1);
                    options.NumMissedProbesLimit = 2;
                    options.NumVotesForDeathDeclaration = 1;
                });
                silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
                configure?.Invoke(silo.Services);
            }
        );
        _cluster = builder.Build();
    }

    public List<string> Names { get; } = [];

    public FakeTimeProvider Time { get; } =
        new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FaultPlan Faults { get; } = new();

    public CallsInFlight Calls { get; } = new();

    public MemoryGrainStorage Storage { get; }

    public MemoryCatalog Catalog { get; }

    public MemoryArtifactReferences References { get; }

    public MemoryMetricsStore Metrics { get; }

    public MemoryFeedbackStore Feedback { get; }

    public MemoryQualityStore Quality { get; }

    public FakeEngine Engine { get; } = new();

    public MemoryAuditLog Audit { get; } = new();

    public InProcessTestCluster Inner => _cluster;

    public IGrainFactory Grains => _cluster.Client;

    public ITrainingPoolGrain Pool => Grains.GetGrain<ITrainingPoolGrain>(ITrainingPoolGrain.Key);

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Name(int silo) => $"silo-{silo}";

    public static async Task<GrainCluster> StartAsync(
        Action<IServiceCollection>? configure = null,
        params TestSilo[] silos
    )
    {
        var cluster = new GrainCluster(
            silos.Length == 0 ? [new TestSilo("gateway,serve,train", ["cpu:0"])] : silos,
            configure
        );
        await cluster._cluster.DeployAsync(Cancel);
        await cluster.KnowEachOtherAsync();
        return cluster;
    }

    public FakeSupervisor Supervisor(int silo = 0) => _supervisors[Name(silo)];

    public ITrainingRunGrain Run(string run) => Grains.GetGrain<ITrainingRunGrain>(run);

    public IModelGrain Model(string name) => Grains.GetGrain<IModelGrain>(name);

    public IDatasetGrain Dataset(string name) => Grains.GetGrain<IDatasetGrain>(name);

    /// <summary>Ends a grain's activation, as a silo that dies between two of its calls does.</summary>
    public Task DeactivateAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    /// <summary>Lets the fake clock run, with every silo reporting its slots, until the task ends.</summary>
    public async Task<T> DriveAsync<T>(Task<T> task, params int[] silent)
    {
        // 600 fake seconds: far past every period, so that what has not come by then does not come.
        for (var second = 0; second < 600 && !task.IsCompleted; second++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await ReportAsync(silent);
            await Calls.QuietAsync();
            await Task.WhenAny(
                task,
                Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel)
            );
        }
        if (!task.IsCompleted)
            Assert.Fail(
                $"What was waited for did not come within 600 s of the fake clock; struck: {Faults.StruckAt}; {await DescribeAsync()}"
            );
        return await task;
    }

    /// <summary>Orleans reads silos' metadata in its own time, and gives no signal when it has.</summary>
    private async Task KnowEachOtherAsync()
    {
        while (
            !_cluster.Silos.All(silo =>
            {
                var cache = silo.ServiceProvider.GetRequiredService<ISiloMetadataCache>();
                return _cluster.Silos.All(other =>
                    cache.GetSiloMetadata(other.SiloAddress).Metadata.Count > 0
                );
            })
        )
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
    }

    private async Task<string> DescribeAsync()
    {
        var pool = await Pool.GetAsync(Cancel);
        var rows = await Catalog.ListAsync(new CatalogQuery(CatalogKinds.TrainingRun, []), Cancel);
        return $"queue: {string.Join(", ", pool.Queue)}; slots: {string.Join(", ", pool.Slots)}; runs: {string.Join(", ", rows.Select(row => row.Summary))}";
    }

    public async Task DriveAsync(Task task, params int[] silent)
    {
        _ = await DriveAsync(Wrap(), silent);

        async Task<bool> Wrap()
        {
            await task;
            return true;
        }
    }

    /// <summary>Every silo that is not silent reports once.</summary>
    public async Task ReportAsync(params int[] silent)
    {
        for (var silo = 0; silo < _supervisors.Count; silo++)
        {
            if (silent.Contains(silo))
                continue;
            try
            {
                await Pool.ReportSlotsAsync(Supervisor(silo).Report(), Cancel);
            }
            catch (Exception error) when (IsTransient(error))
            {
                // A real silo reports again, too.
            }
        }
    }

    /// <summary>Calls until it succeeds, as the project's clients do.</summary>
    public static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (attempt < 20 && IsTransient(error)) { }
        }
    }

    /// <summary>Waits until the run is in one of the phases; watching goes on across activations.</summary>
    public async Task<TrainingRunSnapshot> WaitAsync(string run, params TrainingRunPhase[] phases)
    {
        while (true)
        {
            try
            {
                await foreach (var seen in Run(run).WatchAsync(Cancel).WithCancellation(Cancel))
                {
                    if (phases.Contains(seen.Run.Phase))
                        return seen.Run;
                }
                var ended = await Run(run).GetAsync(Cancel);
                if (ended is not null && phases.Contains(ended.Phase))
                    return ended;
                if (ended is { Phase: TrainingRunPhase.Failed })
                    Assert.Fail($"run {run} failed: {ended.Error}");
            }
            catch (Exception error) when (IsTransient(error)) { }
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Disarm();
        Faults.Down = false;
        await _cluster.DisposeAsync();
    }

    public static bool IsTransient(Exception error) =>
        error
            is UnavailableException
                or IOException
                or Orleans.Runtime.OrleansException
                or EnumerationAbortedException
                or TimeoutException;
}
