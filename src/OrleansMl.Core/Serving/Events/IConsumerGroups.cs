using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>Consumer groups: where each stands, who consumes for it, and what it could not consume. Thread-safe.</summary>
public interface IConsumerGroups
{
    /// <summary>Makes a group, or replaces how it is served; an existing one stays where it is.</summary>
    /// <exception cref="Contracts.InvalidInputException">The name or the definition is wrong.</exception>
    /// <exception cref="Contracts.NotFoundException">No such topic, or no topic for its answers.</exception>
    /// <exception cref="Contracts.ConflictException">The name is taken by a group of another kind, or its answers would come back to it.</exception>
    Task<ConsumerGroupSnapshot> PutAsync(
        GroupId group,
        GroupDefinition definition,
        CancellationToken cancellationToken
    );

    /// <summary>Makes a group that consumes no topic but a source outside, of one partition, unless it is there.</summary>
    Task EnsureSourceAsync(GroupId source, CancellationToken cancellationToken);

    /// <summary>A group.</summary>
    /// <exception cref="Contracts.NotFoundException">No such group.</exception>
    Task<ConsumerGroupSnapshot> GetAsync(GroupId group, CancellationToken cancellationToken);

    /// <summary>The groups of a topic, or of all, by topic and name.</summary>
    Task<IReadOnlyList<ConsumerGroupSnapshot>> ListAsync(
        string? topic,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes a group with its dead letters; nothing happens when there is none.</summary>
    Task DeleteAsync(GroupId group, CancellationToken cancellationToken);

    /// <summary>Pauses a group, or lets it go on.</summary>
    /// <exception cref="Contracts.NotFoundException">No such group.</exception>
    Task<ConsumerGroupSnapshot> SetPausedAsync(
        GroupId group,
        bool paused,
        string reason,
        CancellationToken cancellationToken
    );

    /// <summary>Moves a group; whoever consumes for it now is refused from here on.</summary>
    /// <exception cref="Contracts.InvalidInputException">The text is no position of the topic.</exception>
    /// <exception cref="Contracts.NotFoundException">No such group.</exception>
    Task<ConsumerGroupSnapshot> SeekAsync(
        GroupId group,
        string position,
        bool recompute,
        CancellationToken cancellationToken
    );

    /// <summary>Renews a member's leases and takes or gives up partitions, so that all members have about as many. A paused group has none.</summary>
    /// <returns>The member's leases now.</returns>
    /// <exception cref="Contracts.NotFoundException">No such group.</exception>
    Task<IReadOnlyList<PartitionLease>> AcquireAsync(
        GroupId group,
        string member,
        TimeSpan expiry,
        CancellationToken cancellationToken
    );

    /// <summary>Gives up all that a member has.</summary>
    Task LeaveAsync(GroupId group, string member, CancellationToken cancellationToken);

    /// <summary>What a partition has for its owner; nothing is changed.</summary>
    /// <exception cref="Contracts.StaleAttemptException">Another has the partition.</exception>
    Task<PartitionBatch> FetchAsync(
        PartitionLease lease,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Commits the effect of a batch and the position behind it, in one transaction. A repeated commit changes nothing.</summary>
    /// <exception cref="Contracts.StaleAttemptException">Another has the partition, or the group was moved: nothing was changed.</exception>
    /// <exception cref="Contracts.OverloadedException">The consumers of the output topic are too far behind; commit the same again later.</exception>
    Task CommitAsync(PartitionLease lease, EventCommit commit, CancellationToken cancellationToken);

    /// <summary>Notes a failed try of what is at the group's position, and counts it where the event may be at fault.</summary>
    /// <returns>The failed tries.</returns>
    /// <exception cref="Contracts.StaleAttemptException">Another has the partition, or the group stands elsewhere.</exception>
    Task<int> FailAsync(
        PartitionLease lease,
        long position,
        string error,
        bool isCounted,
        CancellationToken cancellationToken
    );

    /// <summary>Dead letters of a group, oldest first.</summary>
    Task<IReadOnlyList<DeadEvent>> ListDeadAsync(
        GroupId group,
        int offset,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Lets dead letters be tried again; none named means all.</summary>
    /// <returns>How many.</returns>
    Task<long> RetryDeadAsync(
        GroupId group,
        IReadOnlyList<EventPlace> letters,
        CancellationToken cancellationToken
    );

    /// <summary>Removes dead letters; none named means all.</summary>
    /// <returns>How many.</returns>
    Task<long> DiscardDeadAsync(
        GroupId group,
        IReadOnlyList<EventPlace> letters,
        CancellationToken cancellationToken
    );
}
