namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>What a schedule would do.</summary>
public sealed record SchedulePreview
{
    /// <summary>As it was understood.</summary>
    public required BatchScheduleSpec Spec { get; init; }

    /// <summary>The next times that are due in its time zone, without jitter.</summary>
    public required IReadOnlyList<DateTimeOffset> Next { get; init; }
}
