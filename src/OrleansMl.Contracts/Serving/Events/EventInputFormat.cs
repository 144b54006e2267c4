namespace OrleansMl.Contracts.Serving.Events;

/// <summary>What an event's payload holds.</summary>
public enum EventInputFormat
{
    /// <summary>One example, as an element of <c>instances</c> of <c>/predict</c>. Events are answered in batches.</summary>
    Instance,

    /// <summary>A body of <c>/predict</c>: <c>{"instances":[…]}</c>.</summary>
    Instances,

    /// <summary>A request of the Open Inference Protocol.</summary>
    V2,
}
