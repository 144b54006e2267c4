using System.Globalization;
using System.Text;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>What the run showed, as a table, and the verdict.</summary>
internal sealed class SoakReport(
    SoakSettings settings,
    SoakTally tally,
    SiloMemory memory,
    TimeSpan took
)
{
    private readonly StringBuilder _text = new();

    /// <summary>Judges memory, then writes all down.</summary>
    public string Write()
    {
        JudgeMemory("resident memory", memory.Resident, SoakSettings.ResidentBound);
        JudgeMemory("managed heap", memory.ManagedHeap, SoakSettings.HeapBound);
        var times = tally.Percentiles(0.5, 0.99, 0.999, 1);
        var table = new StringBuilder();
        Row(table, "minutes", $"{took.TotalMinutes:F1}, seed {settings.Seed}");
        Row(
            table,
            "answers",
            $"{tally.Answers} ({tally.Answers / took.TotalSeconds:F0} a second), {tally.Count("rows")} rows"
        );
        Row(
            table,
            "of them",
            $"by alias {tally.Count("alias")}, split {tally.Count("split")}, number {tally.Count("number")}; JSON {tally.Count("Json")}, binary {tally.Count("Binary")}; one row {tally.Count("one row")}, many {tally.Count("many rows")}"
        );
        Row(
            table,
            "milliseconds a call, retries and all",
            $"p50 {times[0]:F1}, p99 {times[1]:F1}, p99.9 {times[2]:F1}, max {times[3]:F0}"
        );
        Row(table, "calls that failed after retries", $"{tally.Count("failed")}");
        Row(
            table,
            "retries",
            tally.Retries.Count == 0
                ? "0"
                : $"{tally.Retries.Values.Sum()}: {string.Join("; ", tally.Retries.OrderByDescending(r => r.Value).Select(r => $"{r.Value} {r.Key}"))}"
        );
        Row(
            table,
            "disturbances",
            $"{tally.Count("swaps")} swaps, {tally.Count("split changes")} split changes, {tally.Count("silos killed")} silos killed, {tally.Count("silos added")} added, {tally.Count("silos drained")} left in order"
        );
        Row(
            table,
            "longest that an old version answered new calls after a change",
            $"{tally.Latest.TotalSeconds:F2} s of {SoakSettings.Refresh.TotalSeconds:F0} s allowed"
        );
        Row(
            table,
            "the soak itself stood still for 2 s and more",
            $"{tally.Count("pauses")} times, {tally.Count("paused milliseconds") / 1000.0:F0} s in all"
        );
        table.Append(_text);
        Row(table, "violations", $"{tally.ViolationCount}");
        foreach (var violation in tally.Violations)
            table.AppendLine(CultureInfo.InvariantCulture, $"VIOLATED: {violation}");
        foreach (var missed in tally.Inconclusive)
            table.AppendLine(CultureInfo.InvariantCulture, $"INCONCLUSIVE: {missed}");
        table.AppendLine(
            tally.ViolationCount > 0 ? "verdict: VIOLATED"
            : tally.Inconclusive.Count > 0 ? "verdict: INCONCLUSIVE"
            : "verdict: passed"
        );
        return table.ToString();
    }

    private void JudgeMemory(
        string what,
        IReadOnlyList<(double Minute, double Bytes)> samples,
        double bound
    )
    {
        var after = samples.Where(s => s.Minute >= settings.WarmUpMinutes).ToList();
        if (after.Count == 0)
        {
            tally.Missed($"{SoakSettings.Survivor}: no sample of its {what} after warm-up");
            return;
        }
        var range =
            $"{Mib(after[0].Bytes)} after warm-up, {Mib(after[^1].Bytes)} at the end, {Mib(after.Min(s => s.Bytes))} to {Mib(after.Max(s => s.Bytes))}";
        if (MemoryTrend.Slope(samples, settings.WarmUpMinutes) is not { } slope)
        {
            // A short run is a trial of the rest, by its own choice; it says so.
            Row(
                _text,
                $"{SoakSettings.Survivor}, {what}",
                $"{range}; NOT JUDGED: takes {MemoryTrend.LeastMinutes} minutes after {settings.WarmUpMinutes:F1} of warm-up"
            );
            return;
        }
        Row(
            _text,
            $"{SoakSettings.Survivor}, {what}",
            $"{range}; slope {slope / 1024:F0} KiB a minute of {bound / 1024:F0} allowed"
        );
        if (slope > bound)
            tally.Violated(
                $"{SoakSettings.Survivor}: {what} grows by {slope / 1024:F0} KiB a minute, at most {bound / 1024:F0} are allowed"
            );
    }

    private static string Mib(double bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):F1} MiB");

    private static void Row(StringBuilder text, string name, string value) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"{name,-62} {value}");
}
