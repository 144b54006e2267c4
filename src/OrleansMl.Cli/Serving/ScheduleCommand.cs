using System.CommandLine;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Cli.Serving;

/// <summary><c>oml schedule</c>.</summary>
internal static class ScheduleCommand
{
    private const string Example = "nightly";

    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("schedule", "Score data sets at the times of a cron expression.")
        {
            Set(environment),
            Check(environment),
            List(environment),
            Verb(
                environment,
                "show",
                "Show a schedule and its firings.",
                (c, n, t) => c.GetAsync(n, t)
            ),
            Next(environment),
            Verb(environment, "pause", "Pause a schedule.", (c, n, t) => c.PauseAsync(n, t)),
            Verb(
                environment,
                "resume",
                "Let a paused schedule go on; what was due meanwhile is not made up for.",
                (c, n, t) => c.ResumeAsync(n, t)
            ),
            Run(environment),
            Delete(environment),
        };
        CommandHelp.Add(
            command,
            $"oml schedule set {Example} examples/batch-schedule.yaml",
            $"oml schedule next {Example} --count 20",
            $"oml schedule run {Example}"
        );
        return command;
    }

    private static Command Set(CliEnvironment environment)
    {
        var name = Name();
        var file = File();
        var expected = new Option<long?>("--expected")
        {
            Description = "Set it only if this is its revision now; 0: there is none.",
            HelpName = "REVISION",
        };
        var command = new Command("set", "Make a schedule, or replace it.")
        {
            name,
            file,
            expected,
        };
        CommandHelp.Add(command, $"oml schedule set {Example} examples/batch-schedule.yaml");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var schedule = await session.Client.Schedules.SetAsync(
                    session.Arguments.GetValue(name)!,
                    await ReadAsync(session, session.Arguments.GetValue(file)!, cancellationToken),
                    session.Arguments.GetValue(expected),
                    cancellationToken
                );
                session.Result(schedule, () => ScheduleText.Show(session, schedule));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Check(CliEnvironment environment)
    {
        var file = File();
        var count = Count();
        var command = new Command("check", "Check a schedule, and say when it would fire.")
        {
            file,
            count,
        };
        CommandHelp.Add(command, "oml schedule check examples/batch-schedule.yaml");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var preview = await session.Client.Schedules.ValidateAsync(
                    await ReadAsync(session, session.Arguments.GetValue(file)!, cancellationToken),
                    session.Arguments.GetValue(count),
                    cancellationToken
                );
                session.Result(preview, () => ScheduleText.Show(session, preview));
                return ExitCodes.Done;
            }
        );
    }

    private static Command List(CliEnvironment environment)
    {
        var limit = new Option<int>("--limit")
        {
            Description = "The most that are shown.",
            DefaultValueFactory = _ => 50,
        };
        var command = new Command("ls", "List schedules, newest first.") { limit };
        CommandHelp.Add(command, "oml schedule ls");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var schedules = await session
                    .Client.Schedules.ListAsync(
                        session.Arguments.GetValue(limit),
                        cancellationToken
                    )
                    .ToListAsync(cancellationToken);
                session.Result(
                    schedules,
                    () =>
                        session.Table(
                            ["schedule", "cron", "time zone", "scores", "next", "last"],
                            schedules.Select(
                                IReadOnlyList<string> (s) =>
                                    [
                                        s.Name,
                                        s.Cron,
                                        s.TimeZone,
                                        ScheduleText.Ask(s.Batch),
                                        s.Paused ? "paused" : TextFormat.Time(s.Next),
                                        s.LastFiring is null
                                            ? ""
                                            : ScheduleText.Firing(s.LastFiring),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Next(CliEnvironment environment)
    {
        var name = Name();
        var count = Count();
        var command = new Command("next", "When its next firings are due.") { name, count };
        CommandHelp.Add(command, $"oml schedule next {Example} --count 20");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var preview = await session.Client.Schedules.NextAsync(
                    session.Arguments.GetValue(name)!,
                    session.Arguments.GetValue(count),
                    cancellationToken
                );
                session.Result(preview, () => ScheduleText.Show(session, preview));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Run(CliEnvironment environment)
    {
        var name = Name();
        var id = new Option<string?>("--command-id")
        {
            Description = "The same id is the same firing. Default: a new one.",
            HelpName = "ID",
        };
        var command = new Command("run", "Fire now, whatever the expression says.") { name, id };
        CommandHelp.Add(command, $"oml schedule run {Example}");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var firing = await session.Client.Schedules.RunAsync(
                    session.Arguments.GetValue(name)!,
                    session.Arguments.GetValue(id),
                    cancellationToken
                );
                session.Result(firing, () => session.Line(ScheduleText.Firing(firing)));
                return firing.Outcome is FiringOutcome.Failed ? ExitCodes.Failed : ExitCodes.Done;
            }
        );
    }

    private static Command Delete(CliEnvironment environment)
    {
        var name = Name();
        var command = new Command("rm", "Delete a schedule; its jobs go on.") { name };
        CommandHelp.Add(command, $"oml schedule rm {Example}");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                await session.Client.Schedules.DeleteAsync(
                    session.Arguments.GetValue(name)!,
                    cancellationToken
                );
                session.Result(new { deleted = true }, () => session.Line("it is gone"));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Verb(
        CliEnvironment environment,
        string verb,
        string description,
        Func<SchedulesClient, string, CancellationToken, Task<BatchScheduleSnapshot>> body
    )
    {
        var name = Name();
        var command = new Command(verb, description) { name };
        CommandHelp.Add(command, $"oml schedule {verb} {Example}");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var schedule = await body(
                    session.Client.Schedules,
                    session.Arguments.GetValue(name)!,
                    cancellationToken
                );
                session.Result(schedule, () => ScheduleText.Show(session, schedule));
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Name() =>
        new("SCHEDULE") { Description = "The schedule's name." };

    private static Argument<string> File() =>
        new("FILE") { Description = "The schedule, YAML or JSON; '-' reads standard input." };

    private static Option<int> Count() =>
        new("--count")
        {
            Description = "Firings to tell, 1 to 100.",
            DefaultValueFactory = _ => 10,
        };

    private static Task<string> ReadAsync(
        CliSession session,
        string file,
        CancellationToken cancellationToken
    ) =>
        file == "-"
            ? session.Environment.In.ReadToEndAsync(cancellationToken)
            : System.IO.File.ReadAllTextAsync(file, cancellationToken);
}
