using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Training;

/// <summary>One compute slot; its key is the slot's id (<c>silo-1/cpu:0</c>), and it lives on that silo alone.</summary>
[Alias("oml.IComputeSlotGrain")]
[ClientAccess(Permission.None)]
public interface IComputeSlotGrain : IGrainWithStringKey
{
    /// <summary>Starts the attempt and returns at once; the silo's supervisor reports to the run.</summary>
    /// <exception cref="ConflictException">The slot works on another attempt.</exception>
    [Alias("Start")]
    Task StartAsync(AttemptAssignment assignment, CancellationToken cancellationToken);

    /// <summary>Stops the attempt if it is the one at work.</summary>
    [Alias("Stop")]
    Task StopAsync(TrainingRunId run, int attempt, CancellationToken cancellationToken);
}
