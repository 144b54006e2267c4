namespace OrleansMl.Core.Serving.Events;

/// <summary>What a partition has for its consumer.</summary>
/// <param name="Position">The group's position.</param>
/// <param name="Tries">Failed tries of what is at the position.</param>
/// <param name="Events">Events from there on, in their order.</param>
/// <param name="Retried">Dead letters of the partition that are to be tried again, oldest first.</param>
public sealed record PartitionBatch(
    long Position,
    int Tries,
    IReadOnlyList<LoggedEvent> Events,
    IReadOnlyList<LoggedEvent> Retried
);
