using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Core.Serving.Schedules;

/// <summary>What a schedule owes at a moment.</summary>
/// <param name="Fire">The time to make a job for; null: none.</param>
/// <param name="Missed">The firings that are made up for by none; null: none.</param>
/// <param name="Cursor">All that was due until then is decided with this.</param>
public sealed record DueFiring(DateTimeOffset? Fire, ScheduleFiring? Missed, DateTimeOffset Cursor)
{
    /// <summary>
    /// Of all times since the cursor only the newest may fire: the others are missed, and so is the newest when it is later than the
    /// spec allows and the spec says to skip.
    /// </summary>
    /// <returns>Null when nothing is due.</returns>
    public static DueFiring? At(
        ScheduleTimes times,
        BatchScheduleSpec spec,
        DateTimeOffset cursor,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(spec);
        var newest = times.Newest(cursor, now);
        // Jitter is less than any gap, so that the one before has come.
        if (newest is { } jittered && times.Jittered(jittered) > now)
            newest = times.Newest(cursor, jittered.AddTicks(-1));
        if (newest is not { } due)
            return null;
        var late = now - times.Jittered(due) > spec.MisfireAfter;
        var fires = !late || spec.Misfire is MisfirePolicy.FireOnce;
        var (count, first) = times.Between(cursor, fires ? due : due.AddTicks(1));
        return new DueFiring(
            fires ? due : null,
            count == 0
                ? null
                : new ScheduleFiring
                {
                    Due = first,
                    Outcome = FiringOutcome.Missed,
                    At = now,
                    Count = count,
                    Last =
                        count == 1 ? null
                        : fires ? times.Newest(cursor, due.AddTicks(-1))
                        : due,
                },
            due
        );
    }
}
