using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>A schedule in a list: the catalogue's summary, JSON by <see cref="ContractsJson"/>.</summary>
public sealed record BatchScheduleSummary
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>When it fires.</summary>
    public required string Cron { get; init; }

    /// <summary>The time zone of <see cref="Cron"/>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>What it scores.</summary>
    public required BatchAsk Batch { get; init; }

    /// <summary>Whether it is paused.</summary>
    public bool Paused { get; init; }

    /// <summary>The newest firing.</summary>
    public ScheduleFiring? LastFiring { get; init; }

    /// <summary>The next firing, jitter included; null: none comes.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
