namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>Where a canary is.</summary>
[GenerateSerializer]
[Alias("oml.CanaryPhase")]
public enum CanaryPhase
{
    /// <summary>Its share grows step by step.</summary>
    Running = 0,

    /// <summary>Its last step is done; the alias is about to move to it.</summary>
    Promoting = 1,

    /// <summary>It has the alias and is watched still.</summary>
    Watching = 2,

    /// <summary>It has the alias for good.</summary>
    Promoted = 3,

    /// <summary>It crossed a bound after it had got the alias, which is about to move back.</summary>
    RollingBack = 4,

    /// <summary>The old version has all calls again.</summary>
    RolledBack = 5,
}
