using System.CommandLine;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Training;

/// <summary><c>oml runs</c>.</summary>
internal static class RunsCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("runs", "List, show, watch, cancel, resume and compare runs.")
        {
            List(environment),
            OfOne(
                environment,
                "show",
                "Show a run: attempts, scores, errors.",
                async (session, run, cancellationToken) =>
                {
                    var snapshot = await session.Client.Runs.GetAsync(run, cancellationToken);
                    session.Result(snapshot, () => RunText.Show(session, snapshot));
                    return ExitCodes.Done;
                }
            ),
            OfOne(
                environment,
                "watch",
                "Watch a run until it ends; exit 1 unless it succeeds. With --json, one event a line.",
                (session, run, cancellationToken) =>
                    RunFollower.FollowAsync(session, run, eachEvent: true, cancellationToken)
            ),
            OfOne(
                environment,
                "cancel",
                "Stop a run.",
                async (session, run, cancellationToken) =>
                    Told(session, await session.Client.Runs.CancelAsync(run, cancellationToken))
            ),
            OfOne(
                environment,
                "resume",
                "Queue a failed or cancelled run again, from its last checkpoint.",
                async (session, run, cancellationToken) =>
                    Told(session, await session.Client.Runs.ResumeAsync(run, cancellationToken))
            ),
            Compare(environment),
        };
        CommandHelp.Add(
            command,
            "oml runs ls --status running",
            "oml runs watch RUN",
            "oml runs compare RUN1 RUN2"
        );
        return command;
    }

    private static Command List(CliEnvironment environment)
    {
        var status = new Option<TrainingRunPhase[]>("--status")
        {
            Description = "Only runs of this phase; repeatable.",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "The most that are shown.",
            DefaultValueFactory = _ => 50,
        };
        var command = new Command("ls", "List runs, newest first.") { status, limit };
        CommandHelp.Add(command, "oml runs ls", "oml runs ls --status failed --json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var runs = await session
                    .Client.Runs.ListAsync(
                        session.Arguments.GetValue(status),
                        session.Arguments.GetValue(limit),
                        cancellationToken
                    )
                    .ToListAsync(cancellationToken);
                session.Result(
                    runs,
                    () =>
                        session.Table(
                            [
                                "run",
                                "name",
                                "phase",
                                "progress",
                                "dataset",
                                "model",
                                "metrics",
                                "submitted",
                            ],
                            runs.Select(
                                IReadOnlyList<string> (r) =>
                                    [
                                        r.Id.Value,
                                        r.Name,
                                        RunText.Phase(r.Phase),
                                        RunText.Progress(r.Progress),
                                        $"{r.Dataset}",
                                        r.Version?.ToString() ?? r.Model,
                                        TextFormat.Metrics(r.Metrics, 2),
                                        TextFormat.Time(r.SubmittedAt),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Compare(CliEnvironment environment)
    {
        var ids = new Argument<string[]>("RUNS")
        {
            Description = "2 to 50 runs.",
            Arity = new ArgumentArity(2, 50),
        };
        var split = new Option<string>("--split")
        {
            Description = "The split that they were scored on.",
            DefaultValueFactory = _ => "test",
        };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var command = new Command("compare", "Show runs side by side, scored on the same rows.")
        {
            ids,
            split,
        };
        CommandHelp.Add(command, "oml runs compare RUN1 RUN2 RUN3 --split validation");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var comparison = await session.Client.Runs.CompareAsync(
                    session.Arguments.GetValue(ids)!.Select(id => Id(id)).ToList(),
                    session.Arguments.GetValue(split)!,
                    cancellationToken
                );
                session.Result(comparison, () => Show(session, comparison));
                return ExitCodes.Done;
            }
        );
    }

    private static void Show(CliSession session, RunComparison comparison)
    {
        session.Line($"{comparison.Dataset}, split {comparison.Split}");
        var metrics = comparison
            .Runs.SelectMany(r => r.Metrics.Keys)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        session.Table(
            ["run", "name", "model", "seconds", .. metrics],
            comparison.Runs.Select(
                IReadOnlyList<string> (r) =>
                    [
                        r.Id.Value,
                        r.Name,
                        r.Version?.ToString() ?? r.Model,
                        $"{r.TrainingSeconds:0.0}",
                        .. metrics.Select(m =>
                            r.Metrics.TryGetValue(m, out var value) ? TextFormat.Number(value) : ""
                        ),
                    ]
            )
        );
    }

    private static Command OfOne(
        CliEnvironment environment,
        string verb,
        string description,
        Func<CliSession, TrainingRunId, CancellationToken, Task<int>> body
    )
    {
        var id = new Argument<string>("RUN") { Description = "The run's id." };
        var command = new Command(verb, description) { id };
        CommandHelp.Add(command, $"oml runs {verb} 01jd3k8v9x2m4n6p8q0r1s2t3v");
        return command.Runs(
            environment,
            (session, cancellationToken) =>
                body(session, Id(session.Arguments.GetValue(id)!), cancellationToken)
        );
    }

    private static TrainingRunId Id(string text) =>
        TrainingRunId.TryParse(text, null, out var id)
            ? id
            : throw new InvalidInputException(
                $"'{text}' is not a run's id: expected lower-case letters, digits, '.', '_' and '-'."
            );

    private static int Told(CliSession session, TrainingRunSnapshot run)
    {
        session.Result(
            run,
            () =>
                session.Line(
                    $"run {run.Id} is {RunText.Phase(run.Phase, run.QueuePosition)}{(run.CancelRequested ? ", cancel asked for" : "")}"
                )
        );
        return ExitCodes.Done;
    }
}
