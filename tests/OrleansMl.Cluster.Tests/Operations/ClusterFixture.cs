using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansMl.Client;
using OrleansMl.Client.Models;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;

[assembly: AssemblyFixture(typeof(OrleansMl.Cluster.Tests.Operations.ClusterFixture))]
// One cluster, disturbed by one test at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace OrleansMl.Cluster.Tests.Operations;

/// <summary>Three silo processes on PostgreSQL, one small table of data, and one undisturbed run on it, whose weights every disturbed run must end in.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    /// <summary>Steps between checkpoints.</summary>
    public const int CheckpointSteps = 1_000;

    /// <summary>The dataset.</summary>
    public const string Dataset = "two-moons";

    /// <summary>The model that runs register.</summary>
    public const string Model = "moons";

    private const int Rows = 4_000;
    private const int Epochs = 96;

    // Between two disturbances a run trains on until its watcher hears of it: past the lease, past a new silo's start.
    // However fast the machine, a long run must still be at work when the last one comes.
    private static readonly TimeSpan LongTraining = TimeSpan.FromSeconds(45);

    // Shorter than the defaults, so that a silo's death costs a test seconds; the same several-fold ratios.
    private const string SiloArguments =
        "--Silo:GatewayPort 0 --OrleansMl:TrainingPool:LeaseExpiry 00:00:06 --OrleansMl:TrainingPool:IdleGrace 00:00:04"
        // The soak reads the heap's size there.
        + " --Telemetry:Prometheus true"
        + " --Workers:SlotReportSeconds 1 --Workers:HeartbeatTimeoutSeconds 6 --Workers:PingTimeoutSeconds 6";

    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cluster-").FullName;
    private int _longEpochs;
    private TrainingRunSnapshot? _longUndisturbed;

    /// <summary>The script.</summary>
    internal ClusterScript Script { get; private set; } = null!;

    /// <summary>A client that knows all three gateways.</summary>
    public OrleansMlClient Client { get; private set; } = null!;

    /// <summary>The undisturbed run's weights.</summary>
    public ArtifactId UndisturbedWeights { get; private set; }

    /// <summary>The version that the undisturbed run registered.</summary>
    public int UndisturbedVersion { get; private set; }

    /// <summary>What every run is asked to do.</summary>
    public static string Config { get; } = ConfigOf(Epochs);

    private static string ConfigOf(int epochs) =>
        $$"""
            name: moons
            model: {{Model}}
            dataset: {{Dataset}}@1
            input_features:
              - { name: x, type: number }
              - { name: y, type: number }
            output_features:
              - { name: side, type: category }
            combiner: { type: concat, hidden: [32, 32], dropout: 0.1 }
            trainer:
              optimizer: { type: adam, learning_rate: 0.001 }
              epochs: {{epochs}}
              batch_size: 16
              seed: 7
              log_every_steps: 200
            checkpoints: { every_steps: {{CheckpointSteps}}, keep: 2 }
            """;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        Script = new ClusterScript(_folder, SiloArguments);
        await Script.RunAsync("up", "--silos", "3", "--no-build");
        Client = new OrleansMlClient(
            new OrleansMlClientOptions
            {
                Endpoints = [Script.Url("silo-1"), Script.Url("silo-2"), Script.Url("silo-3")],
                AttemptTimeout = TimeSpan.FromSeconds(5),
            }
        );
        var csv = Path.Combine(_folder, "moons.csv");
        await File.WriteAllTextAsync(csv, Moons(), cancellationToken);
        await Client.Datasets.ImportAsync(
            Dataset,
            [csv],
            new DatasetImportOptions { CommandId = "import-moons" },
            cancellationToken: cancellationToken
        );
        var run = await SubmitAsync("undisturbed");
        var ended = await WatchAsync(run, snapshot => snapshot.EndedAt is not null);
        if (
            ended
            is not { Phase: TrainingRunPhase.Succeeded, Weights: { } weights, Version: { } version }
        )
            throw new InvalidOperationException(
                $"The undisturbed run ended {ended.Phase}: {ended.Error} {string.Join('\n', ended.Attempts.SelectMany(attempt => attempt.LogTail))}"
            );
        UndisturbedWeights = weights;
        _longEpochs = Math.Max(
            Epochs,
            (int)(ended.Progress!.ExamplesPerSecond * LongTraining.TotalSeconds / Rows)
        );
        UndisturbedVersion = version.Version;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Environment.GetEnvironmentVariable("OML_KEEP_CLUSTER") is null && Script is not null)
        {
            await Script.RunAsync("down", "--delete");
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Submits the run again under an id.</summary>
    public Task<TrainingRunId> SubmitAsync(string id) => SubmitAsync(id, Epochs);

    /// <summary>Submits the same with more epochs, so many that this machine trains for <see cref="LongTraining"/>.</summary>
    public Task<TrainingRunId> SubmitLongAsync(string id) => SubmitAsync(id, _longEpochs);

    /// <summary>The long run, undisturbed.</summary>
    public async Task<TrainingRunSnapshot> LongUndisturbedAsync() =>
        _longUndisturbed ??= await WatchAsync(
            await SubmitLongAsync("undisturbed-long"),
            snapshot => snapshot.EndedAt is not null
        );

    private async Task<TrainingRunId> SubmitAsync(string id, int epochs)
    {
        var run = new TrainingRunId(id);
        await Client.Runs.SubmitAsync(ConfigOf(epochs), run, TestContext.Current.CancellationToken);
        return run;
    }

    /// <summary>Follows a run until it is as wanted; throws when it ends before.</summary>
    public async Task<TrainingRunSnapshot> WatchAsync(
        TrainingRunId run,
        Func<TrainingRunSnapshot, bool> wanted
    )
    {
        TrainingRunSnapshot? last = null;
        await foreach (
            var update in Client.Runs.WatchAsync(run, TestContext.Current.CancellationToken)
        )
        {
            last = update.Run;
            if (wanted(last))
                return last;
        }
        throw new InvalidOperationException(
            $"Run '{run}' ended {last?.Phase} at step {last?.Progress?.Step} before what the test waits for: {last?.Error}"
        );
    }

    /// <summary>Ends when the cluster has declared the silo dead, which nothing but its status tells.</summary>
    public async Task DeclaredDeadAsync(string silo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            var status = await Client.StatusAsync(TestContext.Current.CancellationToken);
            if (status.Silos.Single(member => member.Name == silo).Status == "Dead")
                return;
        }
    }

    /// <summary>The silo that the run's newest attempt works on.</summary>
    public static string SiloOf(TrainingRunSnapshot run) => run.Attempts[^1].Slot.Split('/')[0];

    /// <summary>The run ended well, in the undisturbed run's weights, and every artifact that it names is there.</summary>
    public Task AssertUndisturbedAsync(TrainingRunSnapshot run) =>
        AssertWeightsAsync(run, UndisturbedWeights);

    /// <summary>The run ended well, in the weights, and every artifact that it names is there.</summary>
    public async Task AssertWeightsAsync(TrainingRunSnapshot run, ArtifactId? weights)
    {
        Assert.True(
            run.Phase == TrainingRunPhase.Succeeded,
            $"{run.Phase}: {run.Error} {string.Join("; ", run.Attempts.Select(attempt => $"{attempt.Number} {attempt.Outcome} {attempt.Error}"))}"
        );
        Assert.Equal(weights, run.Weights);
        var path = Path.Combine(_folder, $"{run.Id}.safetensors");
        await Client.Models.DownloadAsync(
            Model,
            run.Version!.Value.Version.ToString(CultureInfo.InvariantCulture),
            ModelFile.Weights,
            path,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(
            weights,
            ArtifactId.Of(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))
        );
    }

    /// <summary>A trusted client of the grain interfaces, as another process of the cluster's owner would be.</summary>
    internal async Task<IHost> ConnectAsync()
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options =>
                (options.ClusterId, options.ServiceId) = ("cluster", "oml")
            );
            client.UseAdoNetClustering(options =>
                (options.Invariant, options.ConnectionString) = (
                    "Npgsql",
                    Script.ConnectionString()
                )
            );
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static string Moons()
    {
        var random = new Random(20_260_101);
        var csv = new StringBuilder("x,y,side\n");
        for (var i = 0; i < Rows; i++)
        {
            var upper = i % 2 == 0;
            var angle = Math.PI * random.NextDouble();
            var x = upper ? Math.Cos(angle) : 1 - Math.Cos(angle);
            var y = upper ? Math.Sin(angle) : 0.5 - Math.Sin(angle);
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{x + Noise(random):F6},{y + Noise(random):F6},{(upper ? "upper" : "lower")}\n"
            );
        }
        return csv.ToString();
    }

    private static double Noise(Random random) => (random.NextDouble() - 0.5) * 0.3;
}
