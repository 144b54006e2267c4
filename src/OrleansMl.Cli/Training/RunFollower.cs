using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using Spectre.Console;

namespace OrleansMl.Cli.Training;

/// <summary>Watches a run to its end: a progress bar on a terminal, lines elsewhere, JSON on request.</summary>
internal static class RunFollower
{
    /// <summary>Watches.</summary>
    /// <param name="session">The command's.</param>
    /// <param name="run">The run.</param>
    /// <param name="eachEvent">With --json: a line an event; else the final state alone.</param>
    /// <param name="cancellationToken">Ends the watch; the run goes on.</param>
    /// <returns>0 when the run succeeded, else 1.</returns>
    public static async Task<int> FollowAsync(
        CliSession session,
        TrainingRunId run,
        bool eachEvent,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var events = session.Client.Runs.WatchAsync(run, cancellationToken);
            var last =
                session.Json ? await JsonAsync(session, events, eachEvent)
                : session.Live ? await LiveAsync(session, events)
                : await LinesAsync(session, events);
            if (last is null)
                return ExitCodes.Failed;
            if (!session.Json)
                Finish(session, last);
            return last.Phase == TrainingRunPhase.Succeeded ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            session.Note(
                $"the run goes on; watch it with 'oml runs watch {run}', stop it with 'oml runs cancel {run}'"
            );
            return ExitCodes.Interrupted;
        }
    }

    private static async Task<TrainingRunSnapshot?> JsonAsync(
        CliSession session,
        IAsyncEnumerable<TrainingEvent> events,
        bool eachEvent
    )
    {
        TrainingRunSnapshot? last = null;
        await foreach (var e in events)
        {
            last = e.Run;
            if (eachEvent)
                session.Line(JsonSerializer.Serialize(e, ContractsJson.Options));
        }
        if (!eachEvent && last is not null)
            session.Line(JsonSerializer.Serialize(last, ContractsJson.Options));
        return last;
    }

    private static async Task<TrainingRunSnapshot?> LinesAsync(
        CliSession session,
        IAsyncEnumerable<TrainingEvent> events
    )
    {
        var lines = new RunLines(session.Environment.TimeProvider);
        TrainingRunSnapshot? last = null;
        await foreach (var e in events)
        {
            last = e.Run;
            foreach (var line in lines.Of(e))
                session.Line(line);
        }
        return last;
    }

    private static Task<TrainingRunSnapshot?> LiveAsync(
        CliSession session,
        IAsyncEnumerable<TrainingEvent> events
    ) =>
        session
            .Console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(async context =>
            {
                var task = context.AddTask("waiting", maxValue: 1);
                var figures = new RunFigures();
                TrainingRunSnapshot? last = null;
                await foreach (var e in events)
                {
                    last = e.Run;
                    figures.Add(e);
                    if (e.Run.Progress is { TotalSteps: > 0 } progress)
                    {
                        task.MaxValue = progress.TotalSteps;
                        task.Value = progress.Step;
                    }
                    task.Description = Markup.Escape(
                        $"{RunText.Phase(e.Run.Phase, e.Run.QueuePosition)} {figures}"
                    );
                }
                task.Value = task.MaxValue;
                return last;
            });

    private static void Finish(CliSession session, TrainingRunSnapshot run)
    {
        if (run.Phase == TrainingRunPhase.Succeeded)
        {
            session.Line(
                $"run {run.Id} succeeded in {TextFormat.Seconds(run.TrainingSeconds)}: model {run.Version}"
            );
            RunText.Evaluations(session, run.Evaluations);
            if (run.Promotion is { } promotion)
                session.Line(
                    $"{promotion.Alias} {(promotion.Promoted ? "moved" : "stayed")}: {promotion.Reason}"
                );
            return;
        }
        session.Note(
            $"run {run.Id} {run.Phase.ToString().ToLowerInvariant()}{(run.Error is null ? "" : $": {run.Error}")}"
        );
        foreach (var line in run.Attempts.Count > 0 ? run.Attempts[^1].LogTail : [])
            session.Note($"  {line}");
    }
}
