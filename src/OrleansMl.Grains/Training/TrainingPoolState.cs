using OrleansMl.Core.Training;

namespace OrleansMl.Grains.Training;

/// <summary>What the pool's grain keeps. Only storage serializes it, as JSON: the grain does not migrate.</summary>
internal sealed record TrainingPoolState
{
    public long LastTicket { get; init; }

    public long LastLease { get; init; }

    public IReadOnlyList<QueuedRun> Queue { get; init; } = [];

    public IReadOnlyList<SlotLease> Leases { get; init; } = [];
}
