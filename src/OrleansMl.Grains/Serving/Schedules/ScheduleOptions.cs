using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Schedules;

/// <summary>Limits of schedules.</summary>
public sealed class ScheduleOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Schedules";

    /// <summary>Schedules of the cluster; a further one is refused. Each wakes at its times, so that this bounds what wakes at midnight. Calls at the same moment may pass it by a few. Default 1,000.</summary>
    public int Limit { get; set; } = 1_000;

    /// <summary>The smallest gap between firings of a schedule; a minute at the least, which is as often as reminders come. Default 1 minute.</summary>
    public TimeSpan MinInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Firings that a schedule's history keeps. They ride in its state. Default 100.</summary>
    public int History { get; set; } = 100;

    /// <summary>Tries to submit a firing's job, a minute apart, while the model, the data or the queue of jobs is away; then the firing has failed. Default 10.</summary>
    public int SubmitTries { get; set; } = 10;

    IEnumerable<string> ICheckedOptions.Problems() =>
        [
            .. OptionLimits.Between(nameof(Limit), Limit, 0, 1_000_000),
            .. OptionLimits.Between(
                nameof(MinInterval),
                MinInterval,
                TimeSpan.FromMinutes(1),
                TimeSpan.FromDays(366)
            ),
            .. OptionLimits.Between(nameof(History), History, 1, 10_000),
            .. OptionLimits.Between(nameof(SubmitTries), SubmitTries, 1, 10_000),
        ];
}
