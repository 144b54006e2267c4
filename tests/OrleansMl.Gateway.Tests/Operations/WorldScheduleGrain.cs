using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>A schedule that keeps what it is told.</summary>
internal sealed class WorldScheduleGrain : Grain, IBatchScheduleGrain
{
    private BatchScheduleSnapshot? _schedule;

    public Task<BatchScheduleSnapshot> SetAsync(
        BatchScheduleSpec spec,
        long? expected,
        CancellationToken cancellationToken
    )
    {
        var revision = _schedule?.Revision ?? 0;
        if (expected is { } known && known != revision)
            throw new ConflictException($"it has revision {revision}.");
        return Task.FromResult(
            _schedule = new BatchScheduleSnapshot
            {
                Name = this.GetPrimaryKeyString(),
                Spec = spec,
                Revision = revision + 1,
            }
        );
    }

    public Task<BatchScheduleSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_schedule);

    public Task<BatchScheduleSnapshot> PauseAsync(
        bool paused,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            _schedule = _schedule! with { Spec = _schedule.Spec with { Paused = paused } }
        );

    public Task<ScheduleFiring> RunAsync(string commandId, CancellationToken cancellationToken) =>
        Task.FromResult(
            new ScheduleFiring
            {
                Due = DateTimeOffset.UnixEpoch,
                Outcome = FiringOutcome.Started,
                Job = $"{this.GetPrimaryKeyString()}-run-{commandId}",
                ByHand = true,
            }
        );

    public Task DeleteAsync(CancellationToken cancellationToken)
    {
        _schedule = null;
        return Task.CompletedTask;
    }
}
