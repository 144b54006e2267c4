using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>When which dataset is scored by which model.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.BatchScheduleSpec")]
public sealed record BatchScheduleSpec
{
    /// <summary>Five fields (minute, hour, day of month, month, day of week) or a macro such as <c>@daily</c>; at most 100 characters.</summary>
    [Id(0)]
    public required string Cron { get; init; }

    /// <summary>The IANA time zone in which the expression is read. Default <c>UTC</c>.</summary>
    [Id(1)]
    public string TimeZone { get; init; } = "UTC";

    /// <summary>What is scored; names are resolved to versions at each firing.</summary>
    [Id(2)]
    public required BatchAsk Batch { get; init; }

    /// <summary>What becomes of a firing while an earlier one's job has not ended. Default: no job.</summary>
    [Id(3)]
    public OverlapPolicy Overlap { get; init; }

    /// <summary>What becomes of firings that nobody was there for. Default: the newest makes a job.</summary>
    [Id(4)]
    public MisfirePolicy Misfire { get; init; }

    /// <summary>How late a firing may be before it counts as missed, 1 minute to 30 days. Default 5 minutes.</summary>
    [Id(5)]
    public TimeSpan MisfireAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Each firing comes up to so much later, by a fixed hash of schedule and time; from 0, less than the smallest gap between firings and at most an hour. Default 0.</summary>
    [Id(6)]
    public TimeSpan Jitter { get; init; }

    /// <summary>No firing is due before; null: no bound.</summary>
    [Id(7)]
    public DateTimeOffset? From { get; init; }

    /// <summary>No firing is due after; null: no bound.</summary>
    [Id(8)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>While paused nothing fires, and what would have been due is not missed.</summary>
    [Id(9)]
    public bool Paused { get; init; }

    /// <summary>Who set it.</summary>
    [Id(10)]
    public string SetBy { get; init; } = "";
}
