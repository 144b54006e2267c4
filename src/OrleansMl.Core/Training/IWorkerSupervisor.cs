using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>This silo's compute slots: starts, feeds, watches and ends the worker process of each, and reports to the runs.</summary>
public interface IWorkerSupervisor
{
    /// <summary>The slots and what they work on.</summary>
    IReadOnlyList<SlotReport> Slots { get; }

    /// <summary>Starts an attempt and returns at once. The same attempt again does nothing.</summary>
    /// <exception cref="Contracts.ConflictException">The slot works on another attempt.</exception>
    /// <exception cref="Contracts.NotFoundException">This silo has no such slot.</exception>
    void Start(string slot, AttemptAssignment assignment);

    /// <summary>Ends an attempt's worker if it is at work.</summary>
    Task StopAsync(
        string slot,
        TrainingRunId run,
        int attempt,
        CancellationToken cancellationToken
    );
}
