using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

/// <summary>Limits and times of the pool of compute slots.</summary>
public sealed class TrainingPoolOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:TrainingPool";

    /// <summary>Runs that may wait; a further one is refused. Each costs some 200 bytes of the pool's state, written at each change. Default 1,000.</summary>
    public int QueueLimit { get; set; } = 1_000;

    /// <summary>A lease that no report renewed for so long is lost. Shorter resumes sooner after a silo died, but a slow silo loses its work; keep it several times the reports' period. Default 10 s.</summary>
    public TimeSpan LeaseExpiry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after its lease a slot may still report itself idle, because its report crossed with the start. Default 8 s.</summary>
    public TimeSpan IdleGrace { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How often leases are looked through. Default 1 s.</summary>
    public TimeSpan CheckPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the catalogue is searched for runs that the pool does not know: the time until a run that a dying silo left between two writes goes on. Default 20 s.</summary>
    public TimeSpan ReconcilePeriod { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a slot and a run rest after an attempt could not be started. Default 3 s.</summary>
    public TimeSpan StartRetryDelay { get; set; } = TimeSpan.FromSeconds(3);

    IEnumerable<string> ICheckedOptions.Problems()
    {
        var hour = TimeSpan.FromHours(1);
        var tenth = TimeSpan.FromMilliseconds(100);
        return
        [
            .. OptionLimits.Between(nameof(QueueLimit), QueueLimit, 1, 10_000),
            .. OptionLimits.Between(
                nameof(LeaseExpiry),
                LeaseExpiry,
                TimeSpan.FromSeconds(1),
                hour
            ),
            .. OptionLimits.Between(nameof(IdleGrace), IdleGrace, tenth, hour),
            .. OptionLimits.Between(nameof(CheckPeriod), CheckPeriod, tenth, hour),
            .. OptionLimits.Between(nameof(ReconcilePeriod), ReconcilePeriod, tenth, hour),
            .. OptionLimits.Between(nameof(StartRetryDelay), StartRetryDelay, tenth, hour),
        ];
    }
}
