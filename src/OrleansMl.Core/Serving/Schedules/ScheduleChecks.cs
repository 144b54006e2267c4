using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Core.Serving.Schedules;

/// <summary>What a schedule must be.</summary>
public static class ScheduleChecks
{
    /// <summary>The most characters of a schedule's name: its jobs' ids have the time behind it.</summary>
    public const int MaxName = 70;

    private const int MaxBy = 200;
    private static readonly TimeSpan LongestJitter = TimeSpan.FromHours(1);

    /// <summary>What is wrong, each beginning with the document's key; none: it can be set.</summary>
    /// <param name="name">The schedule's name.</param>
    /// <param name="spec">The schedule.</param>
    /// <param name="minInterval">The smallest gap between firings that is allowed.</param>
    /// <param name="now">The time now.</param>
    public static IReadOnlyList<string> Problems(
        string name,
        BatchScheduleSpec spec,
        TimeSpan minInterval,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(spec);
        List<string> problems = [];
        if (name.Length > MaxName)
            problems.Add($"name: expected at most {MaxName} characters, got {name.Length}.");
        if (spec.SetBy.Length > MaxBy)
            problems.Add($"set by: expected at most {MaxBy} characters, got {spec.SetBy.Length}.");
        if (
            spec.MisfireAfter < TimeSpan.FromMinutes(1)
            || spec.MisfireAfter > TimeSpan.FromDays(30)
        )
            problems.Add(
                $"misfire_seconds: expected 60 to {30 * 24 * 60 * 60}, got {spec.MisfireAfter.TotalSeconds}."
            );
        if (spec.Jitter < TimeSpan.Zero || spec.Jitter > LongestJitter)
            problems.Add(
                $"jitter_seconds: expected 0 to {LongestJitter.TotalSeconds}, got {spec.Jitter.TotalSeconds}."
            );
        if (spec.From > spec.Until)
            problems.Add($"until: expected a time after from ({spec.From:O}), got {spec.Until:O}.");
        if (!ScheduleTimes.TryCreate(name, spec, out var times, out var problem))
            problems.Add(problem);
        else if (problems.Count == 0)
            problems.AddRange(Gaps(times, spec, minInterval, now));
        return problems;
    }

    private static IEnumerable<string> Gaps(
        ScheduleTimes times,
        BatchScheduleSpec spec,
        TimeSpan minInterval,
        DateTimeOffset now
    )
    {
        if (times.After(now) is null)
            yield return spec.Until is { } until && until <= now
                ? $"until: expected a time to come, got {until:O}."
                : $"cron: '{spec.Cron}' names no time to come{(spec.Until is null ? "" : " before until")}.";
        if (times.SmallestGap(now) is not { } gap)
            yield break;
        if (gap < minInterval)
            yield return $"cron: expected firings at least {minInterval} apart, got {gap}.";
        if (spec.Jitter >= gap)
            yield return $"jitter_seconds: expected less than the smallest gap between firings ({gap.TotalSeconds}), got {spec.Jitter.TotalSeconds}.";
    }
}
