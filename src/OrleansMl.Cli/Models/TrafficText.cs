using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Cli.Models;

/// <summary>A model's traffic as text.</summary>
internal static class TrafficText
{
    private const int ShownDecisions = 10;

    public static void Show(CliSession session, TrafficSnapshot traffic)
    {
        if (traffic.Policy is null)
        {
            session.Line(
                $"{traffic.Model}: no traffic section; the alias champion, else the newest version answers."
            );
            return;
        }
        session.Line(
            $"{traffic.Model}: experiment {traffic.Experiment} since {TextFormat.Time(traffic.Since)}"
        );
        session.Table(
            ["version", "calls", "errors", "mean", "p95", "outcomes", "mean outcome", "best"],
            traffic.Arms.Select(
                IReadOnlyList<string> (a) =>
                    [
                        $"{a.Version}",
                        TextFormat.Count(a.Requests),
                        TextFormat.Count(a.Errors),
                        Milliseconds(a.MeanSeconds),
                        Milliseconds(a.P95Seconds),
                        TextFormat.Count(a.Outcomes),
                        Number(a.MeanOutcome),
                        Number(a.BestProbability),
                    ]
            )
        );
        foreach (var shadow in traffic.Shadows)
            session.Line(
                $"shadow {shadow.Shadow} of {shadow.Version}: {shadow.Compared} compared, {shadow.AgreeingRows} of {shadow.Rows} rows agree, {shadow.Mismatched} mismatched, {shadow.Failed} failed, {shadow.Dropped} dropped"
            );
        if (traffic.Canary is { } canary)
            session.Line(
                $"canary {canary.Candidate} beside {canary.Stable}: {canary.Phase}, step {canary.Step}, share {TextFormat.Number(canary.Share)} since {TextFormat.Time(canary.Since)}{(canary.Reason.Length > 0 ? $": {canary.Reason}" : "")}"
            );
        foreach (
            var decision in traffic.Decisions.OrderByDescending(d => d.At).Take(ShownDecisions)
        )
            session.Line(
                $"{TextFormat.Time(decision.At)} {decision.Kind}: {decision.Reason}{(decision.By.Length > 0 ? $" ({decision.By})" : "")}"
            );
    }

    public static void Show(CliSession session, VersionComparison comparison)
    {
        session.Line(
            $"{comparison.Model}: {comparison.Candidate} compared with {comparison.Baseline} at confidence {TextFormat.Number(comparison.Confidence)}"
        );
        session.Table(
            ["metric", "baseline", "candidate", "difference", "interval", "p", "significant"],
            comparison.Metrics.Select(
                IReadOnlyList<string> (m) =>
                    [
                        m.Metric,
                        TextFormat.Number(m.Baseline),
                        TextFormat.Number(m.Candidate),
                        TextFormat.Number(m.Difference),
                        $"{TextFormat.Number(m.Low)} to {TextFormat.Number(m.High)}",
                        TextFormat.Number(m.AlwaysValidPValue),
                        m.Significant ? "yes" : "no",
                    ]
            )
        );
    }

    private static string Milliseconds(double? seconds) =>
        seconds is { } value ? $"{TextFormat.Number(value * 1000)} ms" : "";

    private static string Number(double? value) =>
        value is { } number ? TextFormat.Number(number) : "";
}
