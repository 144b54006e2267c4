using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

/// <summary>Limits and times of a training run's grain.</summary>
public sealed class TrainingRunOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:TrainingRuns";

    /// <summary>How often plain progress is written; it is told to watchers at once, and lost with a silo. Default 5 s.</summary>
    public TimeSpan ProgressWritePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts that a run may lose because their silos left or died, which count against nothing else. Default 1,000.</summary>
    public int MaxLostAttempts { get; set; } = 1_000;

    /// <summary>Newest attempts whose record is kept. Default 50.</summary>
    public int AttemptsKept { get; set; } = 50;

    /// <summary>Size of a run's configuration. It rides in the run's state and snapshots. Default 256 KiB, in characters.</summary>
    public int MaxConfigLength { get; set; } = 256 << 10;

    /// <summary>Watchers of one run at a time. Default 256.</summary>
    public int WatcherLimit { get; set; } = 256;

    /// <summary>Events kept for a slow watcher; older ones are dropped, the newest never. Default 16.</summary>
    public int WatchBuffer { get; set; } = 16;

    /// <summary>How long after a failed registration of the model it is tried again. Default 5 s.</summary>
    public TimeSpan RegisterRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    IEnumerable<string> ICheckedOptions.Problems()
    {
        var hour = TimeSpan.FromHours(1);
        return
        [
            .. OptionLimits.Between(
                nameof(ProgressWritePeriod),
                ProgressWritePeriod,
                TimeSpan.Zero,
                hour
            ),
            .. OptionLimits.Between(nameof(MaxLostAttempts), MaxLostAttempts, 1, 1_000_000),
            .. OptionLimits.Between(nameof(AttemptsKept), AttemptsKept, 1, 1_000),
            .. OptionLimits.Between(nameof(MaxConfigLength), MaxConfigLength, 1 << 10, 1 << 20),
            .. OptionLimits.Between(nameof(WatcherLimit), WatcherLimit, 1, 100_000),
            .. OptionLimits.Between(nameof(WatchBuffer), WatchBuffer, 1, 1_000),
            .. OptionLimits.Between(
                nameof(RegisterRetryDelay),
                RegisterRetryDelay,
                TimeSpan.FromMilliseconds(100),
                hour
            ),
        ];
    }
}
