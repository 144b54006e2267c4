using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Cronos;
using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Core.Serving.Schedules;

/// <summary>
/// The times that a schedule names: a cron expression in a time zone, between two bounds. Where clocks go forward, a time that does
/// not exist comes at the next one that does; where they go back, an expression with <c>*</c>, a range or a step in its minute or
/// hour comes in both of the equal hours, any other once, in the first (Cronos' rules). Immutable.
/// </summary>
public sealed class ScheduleTimes
{
    /// <summary>Missed firings are counted up to this.</summary>
    public const int MaxCounted = 10_000;

    private const int MaxCron = 100;
    private const int MaxZone = 100;
    private const int GapsLookedAt = 1_500;

    // Backwards the newest time is looked for in ever longer spans, so that a dense expression costs little and a rare one is found.
    private static readonly TimeSpan[] Spans =
    [
        TimeSpan.FromHours(2),
        TimeSpan.FromDays(2),
        TimeSpan.FromDays(40),
        TimeSpan.FromDays(400),
        TimeSpan.FromDays(366 * 9),
    ];

    private readonly CronExpression _cron;
    private readonly TimeZoneInfo _zone;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _until;
    private readonly TimeSpan _jitter;
    private readonly string _name;

    private ScheduleTimes(
        string name,
        BatchScheduleSpec spec,
        CronExpression cron,
        TimeZoneInfo zone
    )
    {
        (_name, _cron, _zone) = (name, cron, zone);
        _from = spec.From ?? DateTimeOffset.MinValue;
        _until = spec.Until ?? DateTimeOffset.MaxValue;
        _jitter = spec.Jitter;
    }

    /// <summary>Reads the times; false when the expression or the zone can't be read.</summary>
    /// <param name="name">The schedule's name: it decides the jitter.</param>
    /// <param name="spec">The schedule.</param>
    /// <param name="times">The times.</param>
    /// <param name="problem">What is wrong, beginning with the key.</param>
    public static bool TryCreate(
        string name,
        BatchScheduleSpec spec,
        [NotNullWhen(true)] out ScheduleTimes? times,
        [NotNullWhen(false)] out string? problem
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        times = null;
        if (spec.Cron.Length is 0 or > MaxCron)
            problem = $"cron: expected 1 to {MaxCron} characters, got {spec.Cron.Length}.";
        else if (
            spec.TimeZone.Length is 0 or > MaxZone
            || !TimeZoneInfo.TryFindSystemTimeZoneById(spec.TimeZone, out var zone)
            || !(zone.HasIanaId || zone.Id == "UTC")
        )
            problem =
                $"time_zone: expected an IANA time zone such as Europe/Berlin, got '{(spec.TimeZone.Length > MaxZone ? spec.TimeZone[..MaxZone] : spec.TimeZone)}'.";
        else
        {
            try
            {
                times = new ScheduleTimes(name, spec, CronExpression.Parse(spec.Cron), zone);
                problem = null;
                return true;
            }
            catch (CronFormatException error)
            {
                problem =
                    $"cron: expected five fields (minute, hour, day of month, month, day of week), got '{spec.Cron}': {error.Message}";
            }
        }
        return false;
    }

    /// <summary>The first time that is due after this one; null: none comes.</summary>
    public DateTimeOffset? After(DateTimeOffset time)
    {
        var inclusive = time < _from;
        return Cron(inclusive ? _from : time, inclusive) is { } next && next <= _until
            ? next
            : null;
    }

    /// <summary>The next times that are due after this one.</summary>
    public IEnumerable<DateTimeOffset> Next(DateTimeOffset after, int count)
    {
        for (var i = 0; i < count && After(after) is { } next; i++, after = next)
            yield return next;
    }

    /// <summary>The newest time that is due at this one or before, and after <paramref name="after"/>; null: none.</summary>
    public DateTimeOffset? Newest(DateTimeOffset after, DateTimeOffset time)
    {
        var (low, high) = (
            after < _from ? _from.AddTicks(-1) : after,
            time < _until ? time : _until
        );
        foreach (var span in Spans)
        {
            if (high <= low)
                return null;
            var begin = high - low > span ? high - span : low;
            DateTimeOffset? newest = null;
            for (
                var next = Cron(begin, false);
                next is { } at && at <= high;
                next = Cron(at, false)
            )
                newest = at;
            if (newest is not null || begin == low)
                return newest;
        }
        return null;
    }

    /// <summary>How many times are due after the one and before the other, up to <see cref="MaxCounted"/>, and the first of them.</summary>
    public (int Count, DateTimeOffset First) Between(DateTimeOffset after, DateTimeOffset before)
    {
        var (count, first) = (0, after);
        for (
            var next = After(after);
            next is { } at && at < before && count < MaxCounted;
            next = After(at)
        )
        {
            if (count++ == 0)
                first = at;
        }
        return (count, first);
    }

    /// <summary>The smallest gap between the times that come next; null: fewer than two come.</summary>
    public TimeSpan? SmallestGap(DateTimeOffset now)
    {
        TimeSpan? smallest = null;
        DateTimeOffset? last = null;
        foreach (var time in Next(now, GapsLookedAt))
        {
            if (last is { } before && (smallest is null || time - before < smallest))
                smallest = time - before;
            last = time;
        }
        return smallest;
    }

    /// <summary>When the firing that is due then comes: the same for the same schedule and time, wherever and whenever it is asked.</summary>
    public DateTimeOffset Jittered(DateTimeOffset due)
    {
        if (_jitter <= TimeSpan.Zero)
            return due;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{_name} {due.UtcTicks}"), hash);
        var share = BitConverter.ToUInt32(hash) / (double)uint.MaxValue;
        return due + TimeSpan.FromSeconds(Math.Floor(_jitter.TotalSeconds * share));
    }

    private DateTimeOffset? Cron(DateTimeOffset from, bool inclusive) =>
        _cron.GetNextOccurrence(from, _zone, inclusive);
}
