using OrleansMl.Contracts;

namespace OrleansMl.Client.Serving.Resilience;

/// <summary>When an endpoint that doesn't answer is left alone for a while. Only requests without any answer count; an error is an answer.</summary>
public sealed class BreakerOptions
{
    /// <summary>The share of unanswered requests that opens the circuit, above 0 to 1. Default: 0.5.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Requests within <see cref="Window"/> before the share is looked at, 2 or more. Default: 4: a dead silo is found in a few tries.</summary>
    public int MinRequests { get; set; } = 4;

    /// <summary>How far back requests count, 0.5 s to an hour. Default: 10 s.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the endpoint is left alone before one request tries it, 0.5 s to an hour. Default: 2 s, less than a silo takes to start.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    internal void Validate()
    {
        if (FailureRatio is not (> 0 and <= 1))
            throw Refused(nameof(FailureRatio), "above 0 and at most 1", FailureRatio);
        if (MinRequests is < 2 or > 1_000_000)
            throw Refused(nameof(MinRequests), "2 to 1,000,000", MinRequests);
        if (Window < TimeSpan.FromSeconds(0.5) || Window > TimeSpan.FromHours(1))
            throw Refused(nameof(Window), "0.5 s to an hour", Window);
        if (Pause < TimeSpan.FromSeconds(0.5) || Pause > TimeSpan.FromHours(1))
            throw Refused(nameof(Pause), "0.5 s to an hour", Pause);
    }

    private static InvalidInputException Refused(string name, string expected, object value) =>
        new($"{nameof(OrleansMlClientOptions.Breaker)}.{name} must be {expected}, got {value}.");
}
