using System.CommandLine;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model index</c>, <c>load</c>, <c>unload</c> and <c>stats</c>.</summary>
internal static class RepositoryCommands
{
    public static Command Index(CliEnvironment environment)
    {
        var ready = new Option<bool>("--ready") { Description = "Only versions that are ready." };
        var command = new Command(
            "index",
            "List all versions with whether they are loaded, and why not."
        )
        {
            ready,
        };
        CommandHelp.Add(command, "oml model index", "oml model index --ready");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var entries = await session.Client.Repository.IndexAsync(
                    session.Arguments.GetValue(ready),
                    cancellationToken
                );
                session.Result(
                    entries,
                    () =>
                        session.Table(
                            ["version", "state", "reason"],
                            entries.Select(
                                IReadOnlyList<string> (e) =>
                                    [$"{e.Name}@{e.Version}", e.State, e.Reason]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    public static Command Load(CliEnvironment environment)
    {
        var model = Model();
        var command = new Command("load", "Load a version on every serving silo.") { model };
        CommandHelp.Add(command, "oml model load fashion", "oml model load fashion@3");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var (name, reference) = ModelReference.Parse(session.Arguments.GetValue(model)!);
                await session.Client.Repository.LoadAsync(name, reference, cancellationToken);
                return ExitCodes.Done;
            }
        );
    }

    public static Command Unload(CliEnvironment environment)
    {
        var model = Model();
        var command = new Command(
            "unload",
            "Let a version go on every silo and refuse it until it is loaded again."
        )
        {
            model,
        };
        CommandHelp.Add(command, "oml model unload fashion@2");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var (name, reference) = ModelReference.Parse(session.Arguments.GetValue(model)!);
                await session.Client.Repository.UnloadAsync(name, reference, cancellationToken);
                return ExitCodes.Done;
            }
        );
    }

    public static Command Statistics(CliEnvironment environment)
    {
        var model = new Argument<string?>("MODEL")
        {
            Description = "A name, or name@reference. Default: all versions that were called.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "stats",
            "Show what versions did since the silos started: calls, failures, times, batches."
        )
        {
            model,
        };
        CommandHelp.Add(command, "oml model stats", "oml model stats fashion@champion");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var text = session.Arguments.GetValue(model);
                var asked = text is null ? null : ModelReference.Parse(text);
                var statistics = await session.Client.Repository.StatisticsAsync(
                    asked?.Name,
                    asked?.Reference,
                    cancellationToken
                );
                session.Result(statistics, () => Table(session, statistics));
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Model() =>
        new("MODEL") { Description = "A name: the served version; or name@reference." };

    private static void Table(CliSession session, IReadOnlyList<VersionStatistics> statistics) =>
        session.Table(
            ["version", "calls", "failed", "rows", "runs", "rows/run", "queue", "model", "total"],
            statistics.Select(
                IReadOnlyList<string> (s) =>
                    [
                        $"{s.Version}",
                        TextFormat.Count(s.Success.Count),
                        TextFormat.Count(s.Fail.Count),
                        TextFormat.Count(s.InferenceCount),
                        TextFormat.Count(s.ExecutionCount),
                        s.ExecutionCount == 0
                            ? ""
                            : TextFormat.Number((double)s.InferenceCount / s.ExecutionCount),
                        Mean(s.Queue),
                        Mean(s.ComputeInfer),
                        Mean(s.Success),
                    ]
            )
        );

    // A call's, in milliseconds.
    private static string Mean(DurationStatistics duration) =>
        duration.Count == 0
            ? ""
            : $"{TextFormat.Number(duration.Nanoseconds / 1e6 / duration.Count)} ms";
}
