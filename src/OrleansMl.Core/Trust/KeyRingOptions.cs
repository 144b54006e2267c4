namespace OrleansMl.Core.Trust;

/// <summary>How silos keep their copy of the API keys. Section <c>KeyRing</c>.</summary>
public sealed class KeyRingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "KeyRing";

    /// <summary>Seconds between readings of the keys, beside the push at each change: how long a change takes to reach a silo that the push missed. 0.1 to 600.</summary>
    /// <value>The default is 10.</value>
    public double RefreshSeconds { get; set; } = 10;

    /// <summary>Seconds for which a silo that can't read the keys goes on by its copy. After that it refuses them with 503, so that a revoked key ends everywhere. 1 to 3,600, more than <see cref="RefreshSeconds"/>.</summary>
    /// <value>The default is 60: longer than a failover.</value>
    public double StaleSeconds { get; set; } = 60;

    /// <summary>Seconds that a change waits for silos to confirm it. 0.1 to 10.</summary>
    /// <value>The default is 3.</value>
    public double ConfirmSeconds { get; set; } = 3;

    /// <summary>The most keys that are not revoked; revoked ones are kept until they are as many, for the record. 1 to 10,000.</summary>
    /// <value>The default is 1,000.</value>
    public int KeyLimit { get; set; } = 1000;

    /// <summary>What is wrong with these values.</summary>
    public IEnumerable<string> Problems()
    {
        if (RefreshSeconds is not (>= 0.1 and <= 600))
            yield return $"{nameof(RefreshSeconds)}: expected 0.1 to 600, got {RefreshSeconds}.";
        if (StaleSeconds is not (>= 1 and <= 3600) || StaleSeconds <= RefreshSeconds)
            yield return $"{nameof(StaleSeconds)}: expected 1 to 3600 and more than {nameof(RefreshSeconds)} ({RefreshSeconds}), got {StaleSeconds}.";
        if (ConfirmSeconds is not (>= 0.1 and <= 10))
            yield return $"{nameof(ConfirmSeconds)}: expected 0.1 to 10, got {ConfirmSeconds}.";
        if (KeyLimit is < 1 or > 10_000)
            yield return $"{nameof(KeyLimit)}: expected 1 to 10000, got {KeyLimit}.";
    }
}
