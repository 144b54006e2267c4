using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Events;

/// <summary>How this silo consumes events.</summary>
public sealed class EventConsumerOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Events";

    /// <summary>How often leases are renewed and partitions shared anew. Default 2 s.</summary>
    public TimeSpan RenewPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after its last renewal a silo loses its partitions: what a killed silo's events wait. Default 10 s.</summary>
    public TimeSpan LeaseExpiry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Batches at work at a time on this silo. Default 16.</summary>
    public int MaxConcurrentBatches { get; set; } = 16;

    /// <summary>How long a batch may take; then it is a failed try. Default 1 min.</summary>
    public TimeSpan BatchTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The pause after a failed try; doubles up to <see cref="MaxRetryDelay"/>. Default 500 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause after a failed try. Default 30 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a consumer looks for events that no signal told of. Default 5 s.</summary>
    public TimeSpan PollPeriod { get; set; } = TimeSpan.FromSeconds(5);

    IEnumerable<string> ICheckedOptions.Problems()
    {
        var hour = TimeSpan.FromHours(1);
        var tenth = TimeSpan.FromMilliseconds(100);
        return
        [
            .. OptionLimits.Between(nameof(RenewPeriod), RenewPeriod, tenth, hour),
            .. OptionLimits.Between(nameof(LeaseExpiry), LeaseExpiry, 2 * RenewPeriod, hour),
            .. OptionLimits.Between(nameof(MaxConcurrentBatches), MaxConcurrentBatches, 1, 1_024),
            .. OptionLimits.Between(nameof(BatchTimeout), BatchTimeout, tenth, hour),
            .. OptionLimits.Between(
                nameof(RetryDelay),
                RetryDelay,
                TimeSpan.FromMilliseconds(1),
                hour
            ),
            .. OptionLimits.Between(nameof(MaxRetryDelay), MaxRetryDelay, RetryDelay, hour),
            .. OptionLimits.Between(nameof(PollPeriod), PollPeriod, tenth, hour),
        ];
    }
}
