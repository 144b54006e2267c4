using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Training;

/// <summary>Runs as text.</summary>
internal static class RunText
{
    public static string Phase(TrainingRunPhase phase, int? queuePosition = null) =>
        queuePosition is { } position ? $"{Name(phase)} ({position})" : Name(phase);

    public static string Progress(TrainingProgress? progress) =>
        progress is null or { TotalSteps: 0 }
            ? ""
            : $"epoch {progress.Epoch}/{progress.Epochs}, step {progress.Step}/{progress.TotalSteps}";

    public static void Show(CliSession session, TrainingRunSnapshot run)
    {
        session.Line(
            $"run {run.Id} ({run.Spec.Name}): {Phase(run.Phase, run.QueuePosition)}{(run.CancelRequested ? ", cancel asked for" : "")}"
        );
        session.Line(
            $"dataset {run.Spec.Dataset}, model {run.Version?.ToString() ?? run.Spec.Model}, on {run.Spec.Accelerator}"
        );
        session.Line(
            $"submitted {TextFormat.Time(run.SubmittedAt)}, started {TextFormat.Time(run.StartedAt)}, ended {TextFormat.Time(run.EndedAt)}, {TextFormat.Seconds(run.TrainingSeconds)} in attempts"
        );
        if (run.Progress is { } progress)
            session.Line(
                $"{Progress(progress)}, {TextFormat.Count((long)progress.ExamplesPerSecond)} examples/s"
            );
        if (run.Error is not null)
            session.Line($"error: {run.Error}");
        if (run.Attempts.Count > 0)
            session.Table(
                ["attempt", "slot", "outcome", "from step", "started", "ended", "error"],
                run.Attempts.Select(
                    IReadOnlyList<string> (a) =>
                        [
                            $"{a.Number}",
                            a.Slot,
                            a.Outcome.ToString(),
                            $"{a.FromStep}",
                            TextFormat.Time(a.StartedAt),
                            TextFormat.Time(a.EndedAt),
                            a.Error ?? "",
                        ]
                )
            );
        Evaluations(session, run.Evaluations);
        if (run.Promotion is { } promotion)
            session.Line(
                $"{promotion.Alias} {(promotion.Promoted ? "moved" : "stayed")}: {promotion.Reason}"
            );
    }

    public static void Evaluations(CliSession session, IReadOnlyList<Evaluation> evaluations)
    {
        if (evaluations.Count == 0)
            return;
        session.Table(
            ["split", "examples", "metrics"],
            evaluations.Select(
                IReadOnlyList<string> (e) =>
                    [e.Split, TextFormat.Count(e.Examples), TextFormat.Metrics(e.Metrics, 8)]
            )
        );
    }

    private static string Name(TrainingRunPhase phase) => phase.ToString().ToLowerInvariant();
}
