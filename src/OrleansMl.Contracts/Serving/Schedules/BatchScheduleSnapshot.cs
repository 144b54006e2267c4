namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>What readers get of a schedule.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.BatchScheduleSnapshot")]
public sealed record BatchScheduleSnapshot
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    [Id(1)]
    public required BatchScheduleSpec Spec { get; init; }

    /// <summary>Counts the changes of <see cref="Spec"/>, from 1.</summary>
    [Id(2)]
    public long Revision { get; init; }

    /// <summary>When it was made.</summary>
    [Id(3)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The next firings, jitter included, in order; none while paused or past its end.</summary>
    [Id(4)]
    public IReadOnlyList<DateTimeOffset> Next { get; init; } = [];

    /// <summary>The newest job that it made.</summary>
    [Id(5)]
    public string? Job { get; init; }

    /// <summary>The firing that is under way, or waits.</summary>
    [Id(6)]
    public ScheduleFiring? Pending { get; init; }

    /// <summary>What became of firings, newest first.</summary>
    [Id(7)]
    public IReadOnlyList<ScheduleFiring> Firings { get; init; } = [];
}
