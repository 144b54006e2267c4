namespace OrleansMl.Contracts.Serving.Events;

/// <summary>What happens to an event that failed as often as it may.</summary>
public enum ExhaustedPolicy
{
    /// <summary>It becomes a dead letter, and its partition goes on behind it.</summary>
    DeadLetter,

    /// <summary>The subscription is paused before it, so that no event is passed over.</summary>
    Pause,
}
