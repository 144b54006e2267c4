namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>A firing, or several missed ones, in a schedule's history.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ScheduleFiring")]
public sealed record ScheduleFiring
{
    /// <summary>When it was due by the expression, without jitter; of several missed ones the first.</summary>
    [Id(0)]
    public required DateTimeOffset Due { get; init; }

    /// <summary>What became of it.</summary>
    [Id(1)]
    public required FiringOutcome Outcome { get; init; }

    /// <summary>When that was decided.</summary>
    [Id(2)]
    public DateTimeOffset At { get; init; }

    /// <summary>The id of its job, made of the schedule's name and <see cref="Due"/>; null where it has none.</summary>
    [Id(3)]
    public string? Job { get; init; }

    /// <summary>Missed firings that this stands for, counted up to 10,000; else 1.</summary>
    [Id(4)]
    public int Count { get; init; } = 1;

    /// <summary>Of several missed ones the last; else null.</summary>
    [Id(5)]
    public DateTimeOffset? Last { get; init; }

    /// <summary>Why it failed, or what was in its way.</summary>
    [Id(6)]
    public string? Error { get; init; }

    /// <summary>Whether somebody asked for it, and not the expression.</summary>
    [Id(7)]
    public bool ByHand { get; init; }

    /// <summary>Tries to submit its job that failed.</summary>
    [Id(8)]
    public int Tries { get; init; }

    /// <summary>The earlier job that it cancels.</summary>
    [Id(9)]
    public string? Cancels { get; init; }
}
