using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Training;

/// <summary>A supervisor of one slot whose workers are this test program with a <see cref="ScriptedEngine"/>.</summary>
internal sealed class SupervisorFixture : IDisposable, IWorkerLauncher, ITrainedModelCheck
{
    public const string Slot = "silo-1/cpu:0";
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-test-").FullName;
    private readonly WorkerLauncher _launcher;

    public SupervisorFixture(
        Action<WorkerOptions>? configure = null,
        long memoryLimit = long.MaxValue
    )
    {
        Options = new WorkerOptions
        {
            Path = typeof(SupervisorFixture).Assembly.Location,
            HeartbeatSeconds = 0.1,
            PingSeconds = 0.1,
            ProgressSeconds = 0.05,
        };
        configure?.Invoke(Options);
        Artifacts = new MemoryArtifacts(_directory);
        _launcher = new WorkerLauncher(
            Microsoft.Extensions.Options.Options.Create(Options),
            NullLogger<WorkerLauncher>.Instance
        );
        Directories = new WorkerDirectories(Path.Combine(_directory, "data"));
        Supervisor = new WorkerSupervisor(
            new SupervisorServices(
                Options,
                Directories,
                memoryLimit,
                this,
                Run,
                this,
                Artifacts,
                Artifacts,
                TimeProvider.System,
                NullLogger.Instance
            ),
            "silo-1",
            ["cpu:0"]
        );
    }

    public WorkerOptions Options { get; }

    public FakeRun Run { get; } = new();

    public MemoryArtifacts Artifacts { get; }

    public WorkerDirectories Directories { get; }

    public WorkerSupervisor Supervisor { get; }

    public List<int> ProcessIds { get; } = [];

    /// <summary>What the check of a model ends in; null: it passes.</summary>
    public Exception? ModelRefusal { get; set; }

    public Task VerifyAsync(TrainingOutcome outcome, CancellationToken cancellationToken) =>
        ModelRefusal is { } refusal ? Task.FromException(refusal) : Task.CompletedTask;

    public WorkerProcess Start(string socketPath, int threads)
    {
        var process = _launcher.Start(socketPath, threads);
        ProcessIds.Add(process.Id);
        return process;
    }

    public void StartAttempt(
        string script,
        int attempt = 1,
        string run = "run-1",
        long? from = null
    ) => Supervisor.Start(Slot, Assign(script, attempt, run, from));

    public AttemptAssignment Assign(
        string script,
        int attempt,
        string run = "run-1",
        long? from = null
    )
    {
        var shard = Artifacts.Add("rows");
        return new AttemptAssignment
        {
            Run = new TrainingRunId(run),
            Attempt = attempt,
            Spec = new TrainingRunSpec
            {
                Config = script,
                Name = run,
                Model = "model",
                Dataset = new DatasetVersionId("data", 1),
                Accelerator = "cpu",
            },
            Dataset = Manifest(shard),
            ResumeFrom = from is { } step
                ? new CheckpointReference
                {
                    Artifact = Artifacts.Add($"{step}"),
                    Step = step,
                    Bytes = 1,
                }
                : null,
        };
    }

    public static DatasetManifest Manifest(ArtifactId shard) =>
        new()
        {
            Id = new DatasetVersionId("data", 1),
            Schema = [],
            Shards =
            [
                new DatasetShard
                {
                    Artifact = shard,
                    Rows = 1,
                    Bytes = 4,
                    SinceVersion = 1,
                },
            ],
            Splits = new SplitPolicy(),
            Statistics = [],
            Rows = 1,
            Bytes = 4,
        };

    /// <summary>Ends when the slot is idle: everything was told and cleaned up.</summary>
    public async Task IdleAsync()
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object? sender, EventArgs e)
        {
            if (Supervisor.Slots.All(slot => slot.Run is null))
                idle.TrySetResult();
        }
        Supervisor.Changed += Look;
        Look(null, EventArgs.Empty);
        await idle.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Directories.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
