using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>A schedule by its name: submits a batch job at each time that its expression names, one job a time.</summary>
[Alias("oml.IBatchScheduleGrain")]
[ClientAccess(Permission.None)]
public interface IBatchScheduleGrain : IGrainWithStringKey
{
    /// <summary>Makes the schedule or replaces it; durable when this returns. The same spec again changes nothing.</summary>
    /// <param name="spec">What it is to do. Other times than before begin now: nothing of the past is made up for.</param>
    /// <param name="expected">When given: set only if this is its revision now; 0: there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidInputException">The spec is wrong.</exception>
    /// <exception cref="ConflictException">It has another revision.</exception>
    /// <exception cref="OverloadedException">There are too many schedules.</exception>
    [Alias("Set")]
    Task<BatchScheduleSnapshot> SetAsync(
        BatchScheduleSpec spec,
        long? expected,
        CancellationToken cancellationToken
    );

    /// <summary>The schedule, or null when there is none of this name.</summary>
    [ClientAccess(Permission.Read)]
    [Alias("Get")]
    Task<BatchScheduleSnapshot?> GetAsync(CancellationToken cancellationToken);

    /// <summary>Pauses it or lets it go on; what was due meanwhile is not made up for.</summary>
    /// <exception cref="NotFoundException">No such schedule.</exception>
    [Alias("Pause")]
    Task<BatchScheduleSnapshot> PauseAsync(bool paused, CancellationToken cancellationToken);

    /// <summary>Fires now, whatever the expression says and paused or not; the overlap policy holds.</summary>
    /// <param name="commandId">The same id again is the same firing, while it is in the history.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotFoundException">No such schedule.</exception>
    /// <exception cref="UnavailableException">An earlier firing's job is not submitted yet.</exception>
    [Alias("Run")]
    Task<ScheduleFiring> RunAsync(string commandId, CancellationToken cancellationToken);

    /// <summary>Removes it; its jobs go on. Nothing happens when there is none.</summary>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken);
}
