using OrleansMl.Core.Artifacts;

namespace OrleansMl.Silo.Training;

/// <summary>What every attempt's session works with.</summary>
/// <param name="Options">Limits and times.</param>
/// <param name="Directories">Where sockets and scratch folders go.</param>
/// <param name="MemoryLimitBytes">Resident bytes past which a worker is killed.</param>
/// <param name="Launcher">Starts worker processes.</param>
/// <param name="Runs">Whom to report to.</param>
/// <param name="ModelCheck">Looks at a model before its run hears of it.</param>
/// <param name="Store">Where checkpoints and models go.</param>
/// <param name="Local">Where shards come from.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The supervisor's log.</param>
internal sealed record SupervisorServices(
    WorkerOptions Options,
    WorkerDirectories Directories,
    long MemoryLimitBytes,
    IWorkerLauncher Launcher,
    ITrainingRuns Runs,
    ITrainedModelCheck ModelCheck,
    IArtifactStore Store,
    ILocalArtifacts Local,
    TimeProvider Time,
    ILogger Logger
);
