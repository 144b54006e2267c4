using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>Topics and their events. Thread-safe.</summary>
public interface IEventLog : IEventPublisher
{
    /// <summary>Makes a topic, or replaces how it keeps events.</summary>
    /// <exception cref="Contracts.InvalidInputException">The name or the specification is wrong.</exception>
    /// <exception cref="Contracts.ConflictException">The topic has another number of partitions.</exception>
    Task<TopicSnapshot> PutTopicAsync(
        string topic,
        TopicSpec spec,
        CancellationToken cancellationToken
    );

    /// <summary>A topic.</summary>
    /// <exception cref="Contracts.NotFoundException">No such topic.</exception>
    Task<TopicSnapshot> GetTopicAsync(string topic, CancellationToken cancellationToken);

    /// <summary>All topics, by name.</summary>
    Task<IReadOnlyList<TopicSnapshot>> ListTopicsAsync(CancellationToken cancellationToken);

    /// <summary>Deletes a topic and its events; nothing happens when there is none.</summary>
    /// <exception cref="Contracts.ConflictException">It has groups, or a subscription's answers go to it.</exception>
    Task DeleteTopicAsync(string topic, CancellationToken cancellationToken);

    /// <summary>Events from a position on, each partition's in its order. Positions that are no longer kept are passed over.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">The next position of each partition.</param>
    /// <param name="max">The most events.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The events, and where to go on.</returns>
    /// <exception cref="Contracts.NotFoundException">No such topic.</exception>
    Task<(IReadOnlyList<LoggedEvent> Events, TopicPosition Next)> ReadAsync(
        string topic,
        TopicPosition from,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>What <c>earliest</c>, <c>latest</c>, a time or positions mean in a topic now.</summary>
    /// <exception cref="Contracts.InvalidInputException">The text is none of them.</exception>
    /// <exception cref="Contracts.NotFoundException">No such topic.</exception>
    Task<TopicPosition> ResolveAsync(
        string topic,
        string position,
        CancellationToken cancellationToken
    );

    /// <summary>Removes what is kept no longer: events past their age or the topic's bytes that all groups have consumed, and ids past their window.</summary>
    /// <returns>Events removed.</returns>
    Task<long> TrimAsync(CancellationToken cancellationToken);
}
