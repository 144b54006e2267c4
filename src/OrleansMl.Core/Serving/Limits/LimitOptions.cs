namespace OrleansMl.Core.Serving.Limits;

/// <summary>How limits are shared between silos and counted, and what those get who have none of their own. Section <c>Limits</c>.</summary>
public sealed class LimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Limits";

    /// <summary>Seconds between a silo's asks for its share of a limit in use: how fast shares follow the load. 0.1 to 60.</summary>
    /// <value>The default is 1.</value>
    public double RenewSeconds { get; set; } = 1;

    /// <summary>
    /// Seconds for which a silo may use its share without a renewal, and without a request before it gives it back. A silo that
    /// can't renew refuses the key with 503 after it; the share of a lost silo is free after it. 1 to 300, at least three times
    /// <see cref="RenewSeconds"/>.
    /// </summary>
    /// <value>The default is 10: longer than a failover.</value>
    public double LeaseSeconds { get; set; } = 10;

    /// <summary>Seconds between writes of what was used; a lost silo loses the counts of so long at most. 1 to 600.</summary>
    /// <value>The default is 10.</value>
    public double FlushSeconds { get; set; } = 10;

    /// <summary>Seconds that a request waits for its silo's first share, or for the next part of a quota, before it gets 503. 0.1 to 25.</summary>
    /// <value>The default is 3.</value>
    public double WaitSeconds { get; set; } = 3;

    /// <summary>Requests a second of each API key without limits of its own, and of each caller by an identity provider's token; 0: no limit.</summary>
    /// <value>The default is 0.</value>
    public double DefaultRequestsPerSecond { get; set; }

    /// <summary>Rows a second of each API key without limits of its own, and of each caller by an identity provider's token; 0: no limit.</summary>
    /// <value>The default is 0.</value>
    public double DefaultRowsPerSecond { get; set; }

    /// <summary>Bytes of request bodies a second of each API key without limits of its own, and of each caller by an identity provider's token; 0: no limit.</summary>
    /// <value>The default is 0.</value>
    public double DefaultBytesPerSecond { get; set; }

    /// <summary>Requests at a time of each API key without limits of its own, and of each caller by an identity provider's token; 0: no limit.</summary>
    /// <value>The default is 0.</value>
    public int DefaultConcurrentRequests { get; set; }

    /// <summary>Requests a day of each API key without limits of its own, and of each caller by an identity provider's token; 0: no limit.</summary>
    /// <value>The default is 0.</value>
    public long DefaultRequestsPerDay { get; set; }

    /// <summary>Requests a month of each API key without limits of its own, and of each caller by an identity provider's token; 0: no limit.</summary>
    /// <value>The default is 0.</value>
    public long DefaultRequestsPerMonth { get; set; }

    /// <summary>
    /// Requests a second that an address may make without a good key, on each silo; as many may come at once as in ten seconds. It
    /// keeps strangers from guessing keys and from filling the log. 0: no limit.
    /// </summary>
    /// <value>The default is 20.</value>
    public double AnonymousRequestsPerSecond { get; set; } = 20;

    /// <summary>Whether callers over loopback are held to <see cref="AnonymousRequestsPerSecond"/> too: right where a proxy on the same machine passes strangers on.</summary>
    /// <value>The default is false.</value>
    public bool LimitLoopback { get; set; }

    /// <summary>Addresses that are remembered at a time, 100 to 1,000,000; beyond that all others share one limit.</summary>
    /// <value>The default is 10,000.</value>
    public int MaxAddresses { get; set; } = 10_000;

    /// <summary>
    /// Callers by identity providers' tokens that a silo holds to <c>Default…</c> each for itself, some 500 bytes each while it runs;
    /// beyond that, new ones of an issuer share one limit. 100 to 1,000,000.
    /// </summary>
    /// <value>The default is 10,000.</value>
    public int MaxTokenCallers { get; set; } = 10_000;

    /// <summary>Whether answers to limited callers say what is left, in the headers RateLimit and RateLimit-Policy.</summary>
    /// <value>The default is true.</value>
    public bool Headers { get; set; } = true;

    /// <summary>What is wrong with these values.</summary>
    public IEnumerable<string> Problems()
    {
        if (RenewSeconds is not (>= 0.1 and <= 60))
            yield return $"{nameof(RenewSeconds)}: expected 0.1 to 60, got {RenewSeconds}.";
        if (LeaseSeconds is not (>= 1 and <= 300) || LeaseSeconds < 3 * RenewSeconds)
            yield return $"{nameof(LeaseSeconds)}: expected 1 to 300 and at least three times {nameof(RenewSeconds)} ({RenewSeconds}), got {LeaseSeconds}.";
        if (FlushSeconds is not (>= 1 and <= 600))
            yield return $"{nameof(FlushSeconds)}: expected 1 to 600, got {FlushSeconds}.";
        if (WaitSeconds is not (>= 0.1 and <= 25))
            yield return $"{nameof(WaitSeconds)}: expected 0.1 to 25, got {WaitSeconds}.";
        if (AnonymousRequestsPerSecond is not (>= 0 and <= 1e6))
            yield return $"{nameof(AnonymousRequestsPerSecond)}: expected 0 to 1000000, got {AnonymousRequestsPerSecond}.";
        if (MaxAddresses is < 100 or > 1_000_000)
            yield return $"{nameof(MaxAddresses)}: expected 100 to 1000000, got {MaxAddresses}.";
        if (MaxTokenCallers is < 100 or > 1_000_000)
            yield return $"{nameof(MaxTokenCallers)}: expected 100 to 1000000, got {MaxTokenCallers}.";
        foreach (var problem in LimitPolicyChecks.Problems(DefaultPolicy()))
            yield return $"Default…: {problem}";
    }

    /// <summary>The limits of a key without its own, and of a caller by a token; null: none.</summary>
    public Contracts.Serving.Limits.LimitPolicy? DefaultPolicy()
    {
        var policy = new Contracts.Serving.Limits.LimitPolicy
        {
            RequestsPerSecond = NotZero(DefaultRequestsPerSecond),
            RowsPerSecond = NotZero(DefaultRowsPerSecond),
            BytesPerSecond = NotZero(DefaultBytesPerSecond),
            ConcurrentRequests = DefaultConcurrentRequests == 0 ? null : DefaultConcurrentRequests,
            RequestsPerDay = DefaultRequestsPerDay == 0 ? null : DefaultRequestsPerDay,
            RequestsPerMonth = DefaultRequestsPerMonth == 0 ? null : DefaultRequestsPerMonth,
        };
        return policy == new Contracts.Serving.Limits.LimitPolicy() ? null : policy;
    }

    private static double? NotZero(double value) => value == 0 ? null : value;
}
