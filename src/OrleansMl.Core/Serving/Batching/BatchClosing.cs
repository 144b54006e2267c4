namespace OrleansMl.Core.Serving.Batching;

/// <summary>Why a batch was closed with what it had.</summary>
public enum BatchClosing
{
    /// <summary>It had the most rows that the policy allows, or the next call's did not fit.</summary>
    Full,

    /// <summary>Nobody else waited.</summary>
    Idle,

    /// <summary>Those who waited beside it ask for another shape or other outputs.</summary>
    Shape,

    /// <summary>Its first call had waited for as long as the policy lets it wait for others.</summary>
    Delay,

    /// <summary>A call of it would have missed its deadline by waiting longer for others.</summary>
    Deadline,

    /// <summary>It had its part of what waited: the rest runs beside it.</summary>
    Parted,
}
