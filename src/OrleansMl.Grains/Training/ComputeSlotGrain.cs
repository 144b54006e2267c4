using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

/// <summary>A slot's address in the cluster: placed on the slot's own silo, it hands calls to that silo's supervisor.</summary>
[GrainType("compute-slot")]
[Immovable]
[OnSlotSilo]
internal sealed class ComputeSlotGrain(IServiceProvider services) : Grain, IComputeSlotGrain
{
    public Task StartAsync(AttemptAssignment assignment, CancellationToken cancellationToken)
    {
        Supervisor().Start(this.GetPrimaryKeyString(), assignment);
        return Task.CompletedTask;
    }

    public Task StopAsync(TrainingRunId run, int attempt, CancellationToken cancellationToken) =>
        Supervisor().StopAsync(this.GetPrimaryKeyString(), run, attempt, cancellationToken);

    private IWorkerSupervisor Supervisor() =>
        services.GetService<IWorkerSupervisor>()
        ?? throw new UnavailableException(
            $"Slot {this.GetPrimaryKeyString()} was placed on a silo that lends no slots."
        );
}
