namespace OrleansMl.Core.Trust;

/// <summary>Tokens with which Orleans clients call grains, and the keys that sign them. All silos of a cluster have the same values. Section <c>ClusterTokens</c>.</summary>
public sealed class ClusterTokenOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "ClusterTokens";

    /// <summary>Whether grain calls are checked. <see cref="GrainCallCheck.Prove"/> is for the change to <see cref="GrainCallCheck.Check"/> without an outage.</summary>
    /// <value>The default is Auto.</value>
    public GrainCallCheck GrainCalls { get; set; } = GrainCallCheck.Auto;

    /// <summary>Seconds for which a token is valid at most, and by default: how long one that was stolen may be used. 30 to 3,600.</summary>
    /// <value>The default is 600.</value>
    public double LifetimeSeconds { get; set; } = 600;

    /// <summary>Seconds by which the clocks of two silos may differ. 0 to 60.</summary>
    /// <value>The default is 5.</value>
    public double ClockSkewSeconds { get; set; } = 5;

    /// <summary>Seconds between readings of the keys from the database. A new key signs after three of them, when every silo knows it. 1 to 600.</summary>
    /// <value>The default is 20.</value>
    public double RefreshSeconds { get; set; } = 20;

    /// <summary>Days after which the key is replaced by itself; the old one is taken until its last token has expired. 0: only by hand. At most 3,650.</summary>
    /// <value>The default is 30.</value>
    public double RotationDays { get; set; } = 30;

    /// <summary>Good tokens whose signature a silo needs not check again, each some 1 kB. 1 to 100,000.</summary>
    /// <value>The default is 4,096.</value>
    public int CachedTokens { get; set; } = 4096;

    /// <summary>How long a new key waits until it signs.</summary>
    public TimeSpan ActivationDelay => TimeSpan.FromSeconds(3 * RefreshSeconds);

    /// <summary>What is wrong with these values.</summary>
    public IEnumerable<string> Problems()
    {
        if (LifetimeSeconds is not (>= 30 and <= 3600))
            yield return $"{nameof(LifetimeSeconds)}: expected 30 to 3600, got {LifetimeSeconds}.";
        if (ClockSkewSeconds is not (>= 0 and <= 60))
            yield return $"{nameof(ClockSkewSeconds)}: expected 0 to 60, got {ClockSkewSeconds}.";
        if (RefreshSeconds is not (>= 1 and <= 600))
            yield return $"{nameof(RefreshSeconds)}: expected 1 to 600, got {RefreshSeconds}.";
        if (RotationDays is not (>= 0 and <= 3650))
            yield return $"{nameof(RotationDays)}: expected 0 to 3650, got {RotationDays}.";
        if (CachedTokens is < 1 or > 100_000)
            yield return $"{nameof(CachedTokens)}: expected 1 to 100000, got {CachedTokens}.";
    }
}
