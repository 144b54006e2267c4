namespace OrleansMl.Contracts.Serving.Events;

/// <summary>Who consumes for a group.</summary>
public enum GroupKind
{
    /// <summary>Programs outside: they fetch and acknowledge.</summary>
    Consumer,

    /// <summary>The cluster: a model answers each event.</summary>
    Subscription,

    /// <summary>The cluster: events go to a broker.</summary>
    Bridge,

    /// <summary>The cluster: a broker's messages become events; there is no topic that it consumes.</summary>
    Source,
}
