namespace OrleansMl.Core.Serving.Traffic;

/// <summary>What a canary does next.</summary>
public enum CanaryMove
{
    /// <summary>Nothing yet.</summary>
    Hold = 0,

    /// <summary>The next step.</summary>
    Advance = 1,

    /// <summary>The alias moves to it.</summary>
    Promote = 2,

    /// <summary>All calls go back.</summary>
    RollBack = 3,

    /// <summary>It keeps the alias, and is watched no longer.</summary>
    Settle = 4,
}
