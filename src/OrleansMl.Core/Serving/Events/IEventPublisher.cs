using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>Publishes events from inside the cluster. Thread-safe.</summary>
public interface IEventPublisher
{
    /// <summary>Makes the topic unless it is there; an existing one stays as it is.</summary>
    /// <exception cref="Contracts.InvalidInputException">The name or the specification is wrong.</exception>
    Task EnsureTopicAsync(string topic, TopicSpec spec, CancellationToken cancellationToken);

    /// <summary>Appends events, all or none; durable when this returns. An event whose id the topic has is not appended again.</summary>
    /// <returns>One receipt an event, in their order.</returns>
    /// <exception cref="Contracts.InvalidInputException">An event breaks a limit; the message names its index.</exception>
    /// <exception cref="Contracts.NotFoundException">No such topic.</exception>
    /// <exception cref="Contracts.OverloadedException">Consumers are too far behind; publish the same events again later.</exception>
    /// <exception cref="Contracts.UnavailableException">The database is away; whether they were appended is not known: publish the same events again.</exception>
    Task<IReadOnlyList<EventReceipt>> PublishAsync(
        string topic,
        IReadOnlyList<EventMessage> events,
        CancellationToken cancellationToken
    );
}
