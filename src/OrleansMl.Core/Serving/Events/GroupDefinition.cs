using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>A consumer group as it is asked for.</summary>
/// <param name="Kind">Who consumes for it.</param>
/// <param name="Spec">How it is served.</param>
/// <param name="Subscription">Subscriptions: what is done with the events.</param>
public sealed record GroupDefinition(
    GroupKind Kind,
    ConsumerGroupSpec Spec,
    SubscriptionSpec? Subscription = null
);
