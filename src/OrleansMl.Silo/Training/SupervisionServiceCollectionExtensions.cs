using Microsoft.Extensions.Options;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Training;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Training;

/// <summary>Registers this silo's compute slots.</summary>
internal static class SupervisionServiceCollectionExtensions
{
    private const double MemoryShare = 0.75;

    /// <summary>Adds the supervisor; with the role train it has the configured slots, reports them, and hands over when the silo leaves.</summary>
    public static IServiceCollection AddWorkerSupervision(
        this IServiceCollection services,
        SiloConfiguration configuration,
        DataDirectory data
    )
    {
        var silo = configuration.Silo;
        var workers = configuration.Workers;
        var trains = silo.Roles.Contains(SiloRoles.Train);
        IReadOnlyList<string> devices = trains ? silo.Slots : [];
        services.AddSingleton(Options.Create(workers));
        services.AddSingleton<IWorkerLauncher, WorkerLauncher>();
        services.AddSingleton<ITrainingRuns, ClusterTrainingRuns>();
        services.AddSingleton<ITrainedModelCheck, GoldenModelCheck>();
        services.AddSingleton(_ => new WorkerDirectories(data.Path));
        services.AddSingleton(provider => new WorkerSupervisor(
            new SupervisorServices(
                workers,
                provider.GetRequiredService<WorkerDirectories>(),
                workers.MemoryLimitBytes ?? DefaultMemoryLimit(devices.Count),
                provider.GetRequiredService<IWorkerLauncher>(),
                provider.GetRequiredService<ITrainingRuns>(),
                provider.GetRequiredService<ITrainedModelCheck>(),
                provider.GetRequiredService<IArtifactStore>(),
                provider.GetRequiredService<ILocalArtifacts>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<WorkerSupervisor>>()
            ),
            silo.Name,
            devices
        ));
        if (!trains)
            return services;
        services.AddSingleton<IWorkerSupervisor>(provider =>
            provider.GetRequiredService<WorkerSupervisor>()
        );
        services.AddSingleton<SlotHeartbeat>();
        services.AddHostedService(provider => provider.GetRequiredService<SlotHeartbeat>());
        services.AddHostedService<WorkerDrain>();
        return services;
    }

    private static long DefaultMemoryLimit(int slots) =>
        (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * MemoryShare) / Math.Max(1, slots);
}
