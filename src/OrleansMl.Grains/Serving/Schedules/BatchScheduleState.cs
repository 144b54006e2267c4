using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Grains.Serving.Schedules;

/// <summary>What a schedule's grain keeps; collections are replaced, never changed.</summary>
[GenerateSerializer]
[Alias("oml.BatchScheduleState")]
internal sealed record BatchScheduleState
{
    /// <summary>Null only where there is no schedule.</summary>
    [Id(0)]
    public BatchScheduleSpec? Spec { get; init; }

    [Id(1)]
    public long Revision { get; init; }

    [Id(2)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>All that was due until then is decided.</summary>
    [Id(3)]
    public DateTimeOffset Cursor { get; init; }

    /// <summary>The firing whose job is to be submitted: written before it is, so that it is submitted whatever dies.</summary>
    [Id(4)]
    public ScheduleFiring? Starting { get; init; }

    /// <summary>The firing that waits for the end of <see cref="Job"/>.</summary>
    [Id(5)]
    public ScheduleFiring? Waiting { get; init; }

    /// <summary>The newest job.</summary>
    [Id(6)]
    public string? Job { get; init; }

    /// <summary>Newest first.</summary>
    [Id(7)]
    public IReadOnlyList<ScheduleFiring> Firings { get; init; } = [];
}
