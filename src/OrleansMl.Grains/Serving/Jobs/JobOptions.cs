using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Jobs;

/// <summary>Limits and times of long-running inference.</summary>
public sealed class JobOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Jobs";

    /// <summary>Jobs that this silo works on at a time. Each keeps one inference thread busy at the most, so that this is their share of them against online calls. 0: none. Default 1.</summary>
    public int Slots { get; set; } = 1;

    /// <summary>Rows of one call of the model. More make fewer, longer calls, which online calls wait for. Default 256.</summary>
    public int BatchRows { get; set; } = 256;

    /// <summary>Jobs that wait at a time in the cluster; a further one is refused. Default 10,000.</summary>
    public int QueueLimit { get; set; } = 10_000;

    /// <summary>How often a silo tells what it does. Default 1 s.</summary>
    public TimeSpan HeartbeatPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a silo's jobs are another's. Default 10 s.</summary>
    public TimeSpan LeaseExpiry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the catalogue is looked through for jobs that nobody knows of. Default 20 s.</summary>
    public TimeSpan ReconcilePeriod { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts that may fail because a model or store was away; those lost with their silos don't count. Default 5.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How long results are kept where the job doesn't say. Default 7 days.</summary>
    public TimeSpan KeepResults { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Chunks of one job: they ride in its state. Default 5,000.</summary>
    public int MaxChunks { get; set; } = 5_000;

    IEnumerable<string> ICheckedOptions.Problems()
    {
        var hour = TimeSpan.FromHours(1);
        var tenth = TimeSpan.FromMilliseconds(100);
        return
        [
            .. OptionLimits.Between(nameof(Slots), Slots, 0, 256),
            .. OptionLimits.Between(nameof(BatchRows), BatchRows, 1, 65_536),
            .. OptionLimits.Between(nameof(QueueLimit), QueueLimit, 1, 1_000_000),
            .. OptionLimits.Between(nameof(HeartbeatPeriod), HeartbeatPeriod, tenth, hour),
            .. OptionLimits.Between(nameof(LeaseExpiry), LeaseExpiry, 2 * HeartbeatPeriod, hour),
            .. OptionLimits.Between(nameof(ReconcilePeriod), ReconcilePeriod, tenth, hour),
            .. OptionLimits.Between(nameof(MaxAttempts), MaxAttempts, 1, 1_000),
            .. OptionLimits.Between(
                nameof(KeepResults),
                KeepResults,
                TimeSpan.FromMinutes(1),
                TimeSpan.FromDays(3_650)
            ),
            .. OptionLimits.Between(nameof(MaxChunks), MaxChunks, 1, 100_000),
        ];
    }
}
