using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Publishes into a topic, by the topic's name.</summary>
[Alias("oml.ITopicGrain")]
[ClientAccess(Permission.None)]
public interface ITopicGrain : IGrainWithStringKey
{
    /// <summary>Appends events, all or none; durable when this returns. An event whose id the topic has is not appended again.</summary>
    /// <returns>One receipt an event, in their order.</returns>
    /// <exception cref="InvalidInputException">An event breaks a limit; the message names its index.</exception>
    /// <exception cref="NotFoundException">No such topic.</exception>
    /// <exception cref="OverloadedException">Consumers are too far behind; publish the same events again later.</exception>
    [ClientAccess(Permission.Predict)]
    [Alias("Publish")]
    Task<IReadOnlyList<EventReceipt>> PublishAsync(
        IReadOnlyList<EventMessage> events,
        CancellationToken cancellationToken
    );
}
