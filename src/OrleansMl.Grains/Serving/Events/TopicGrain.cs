using Orleans.Concurrency;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Grains.Serving.Events;

/// <summary>Publishes for clients of the cluster, wherever they are connected.</summary>
[GrainType("topic")]
[StatelessWorker]
internal sealed class TopicGrain(IEventPublisher publisher) : Grain, ITopicGrain
{
    public Task<IReadOnlyList<EventReceipt>> PublishAsync(
        IReadOnlyList<EventMessage> events,
        CancellationToken cancellationToken
    ) => publisher.PublishAsync(this.GetPrimaryKeyString(), events, cancellationToken);
}
