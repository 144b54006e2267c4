using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>What the cluster does with the events of one kind of group. Called again with the same events after a failure or a silo's death. Thread-safe.</summary>
public interface IEventHandler
{
    /// <summary>Whether this silo consumes for the group.</summary>
    bool Handles(ConsumerGroupSnapshot group);

    /// <summary>The most events of one call.</summary>
    int BatchSize(ConsumerGroupSnapshot group);

    /// <summary>Does it, all or nothing.</summary>
    /// <returns>The effect that is committed with the position: events for the group's output topic, in their order.</returns>
    /// <exception cref="Contracts.InvalidInputException">An event can never be taken; of several, they are then given one by one.</exception>
    ValueTask<IReadOnlyList<EventMessage>> HandleAsync(
        ConsumerGroupSnapshot group,
        IReadOnlyList<LoggedEvent> events,
        CancellationToken cancellationToken
    );
}
