using OrleansMl.Contracts;

namespace OrleansMl.Client.Serving.Resilience;

/// <summary>When a second request goes out beside a slow one. The first good answer wins; the other request is cancelled. Requests of a sequence are never hedged.</summary>
public sealed class HedgingOptions
{
    /// <summary>
    /// How long a request may take before another endpoint is asked too. Default: none, it is measured: the time within which
    /// <see cref="Percentile"/> of the last calls were answered. Until 20 calls were measured nothing is hedged.
    /// </summary>
    public TimeSpan? Delay { get; set; }

    /// <summary>Which share of calls is answered before a second request goes out, 0.5 to 0.999. Default: 0.95: one call in twenty is asked twice at most.</summary>
    public double Percentile { get; set; } = 0.95;

    /// <summary>The least measured delay. Default: 1 ms, so that a very fast model's jitter isn't answered with more load.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Requests beside the first, 1 to 5. Default: 1: more bring little and load much.</summary>
    public int MaxHedges { get; set; } = 1;

    /// <summary>
    /// Hedges for each call, on the long run, above 0 to 1. Default: 0.1: a cluster that is slow because it is busy gets at most a tenth
    /// more load.
    /// </summary>
    public double Budget { get; set; } = 0.1;

    /// <summary>Hedges that may go out at once after a quiet time, 1 to 1000. Default: 10.</summary>
    public int Burst { get; set; } = 10;

    internal void Validate()
    {
        if (Delay is { } delay && (delay <= TimeSpan.Zero || delay > TimeSpan.FromHours(1)))
            throw Refused(nameof(Delay), "above 0 and at most an hour", delay);
        if (Percentile is not (>= 0.5 and <= 0.999))
            throw Refused(nameof(Percentile), "0.5 to 0.999", Percentile);
        if (MinDelay < TimeSpan.FromMilliseconds(1) || MinDelay > TimeSpan.FromHours(1))
            throw Refused(nameof(MinDelay), "1 ms to an hour", MinDelay);
        if (MaxHedges is < 1 or > 5)
            throw Refused(nameof(MaxHedges), "1 to 5", MaxHedges);
        if (Budget is not (> 0 and <= 1))
            throw Refused(nameof(Budget), "above 0 and at most 1", Budget);
        if (Burst is < 1 or > 1000)
            throw Refused(nameof(Burst), "1 to 1000", Burst);
    }

    private static InvalidInputException Refused(string name, string expected, object value) =>
        new($"{nameof(OrleansMlClientOptions.Hedging)}.{name} must be {expected}, got {value}.");
}
