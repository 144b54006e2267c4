using System.Globalization;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Cli.Serving;

/// <summary>Schedules as text.</summary>
internal static class ScheduleText
{
    private const int Shown = 20;

    public static void Show(CliSession session, BatchScheduleSnapshot schedule)
    {
        var spec = schedule.Spec;
        session.Line(
            $"schedule {schedule.Name}, revision {schedule.Revision}: {spec.Cron} in {spec.TimeZone}{(spec.Paused ? ", paused" : "")}"
        );
        session.Line(
            $"{Ask(spec.Batch)}; overlap {Word($"{spec.Overlap}")}, misfire {Word($"{spec.Misfire}")} after {spec.MisfireAfter.TotalSeconds:0} s"
        );
        if (schedule.Next.Count > 0)
            session.Line($"next {string.Join(", ", schedule.Next.Select(t => Local(t, spec)))}");
        if (schedule.Pending is { } pending)
            session.Line($"now {Firing(pending)}");
        if (schedule.Firings.Count > 0)
            session.Table(
                ["due", "outcome", "job", ""],
                schedule
                    .Firings.Take(Shown)
                    .Select(
                        IReadOnlyList<string> (f) =>
                            [
                                Local(f.Due, spec),
                                f.Count == 1
                                    ? Word($"{f.Outcome}")
                                    : $"{Word($"{f.Outcome}")} ({TextFormat.Count(f.Count)})",
                                f.Job ?? "",
                                (f.ByHand ? "by hand " : "") + f.Error,
                            ]
                    )
            );
    }

    public static void Show(CliSession session, SchedulePreview preview)
    {
        session.Line($"{preview.Spec.Cron} in {preview.Spec.TimeZone}: {Ask(preview.Spec.Batch)}");
        foreach (var time in preview.Next)
            session.Line($"{Local(time, preview.Spec)}  {TextFormat.Time(time)}");
    }

    public static string Firing(ScheduleFiring firing) =>
        $"the firing of {TextFormat.Time(firing.Due)} is {Word($"{firing.Outcome}")}"
        + (firing.Job is null ? "" : $", job {firing.Job}")
        + (firing.Error is null ? "" : $": {firing.Error}");

    public static string Ask(BatchAsk ask) =>
        $"{ask.Model}{(ask.Reference.Length == 0 ? "" : $"@{ask.Reference}")} over {ask.Dataset}@{ask.DatasetVersion?.ToString(CultureInfo.InvariantCulture) ?? "latest"}"
        + (ask.Output is null ? "" : $" into {ask.Output}");

    /// <summary>The time as clocks in the schedule's zone have it, with the offset that then holds.</summary>
    private static string Local(DateTimeOffset time, BatchScheduleSpec spec) =>
        (
            TimeZoneInfo.TryFindSystemTimeZoneById(spec.TimeZone, out var zone)
                ? TimeZoneInfo.ConvertTime(time, zone)
                : time
        ).ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);

    private static string Word(string word) =>
        string.Concat(
            word.Select(
                (c, i) =>
                    char.IsAsciiLetterUpper(c) && i > 0
                        ? $" {char.ToLowerInvariant(c)}"
                        : $"{char.ToLowerInvariant(c)}"
            )
        );
}
