using System.CommandLine;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model</c>.</summary>
internal static class ModelCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command(
            "model",
            "List, show, alias, load, route, watch, import and export model versions."
        )
        {
            List(environment),
            Show(environment),
            ModelAliasCommand.Build(environment),
            TrafficCommand.Build(environment),
            ServingCommand.Build(environment),
            RepositoryCommands.Index(environment),
            RepositoryCommands.Load(environment),
            RepositoryCommands.Unload(environment),
            RepositoryCommands.Statistics(environment),
            ModelWatchCommands.Watch(environment),
            ModelWatchCommands.Alerts(environment),
            ModelFileCommands.Import(environment),
            ModelFileCommands.Export(environment),
        };
        CommandHelp.Add(
            command,
            "oml model show fashion",
            "oml model alias fashion champion 3",
            "oml model export fashion@champion fashion.onnx"
        );
        return command;
    }

    private static Command List(CliEnvironment environment)
    {
        var model = new Argument<string?>("MODEL")
        {
            Description = "List this model's versions. Default: list the models.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var limit = new Option<int>("--limit")
        {
            Description = "The most that are shown.",
            DefaultValueFactory = _ => 100,
        };
        var command = new Command("ls", "List models, or a model's versions, newest first.")
        {
            model,
            limit,
        };
        CommandHelp.Add(command, "oml model ls", "oml model ls fashion");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var most = session.Arguments.GetValue(limit);
                if (session.Arguments.GetValue(model) is { } name)
                {
                    var versions = await session
                        .Client.Models.VersionsAsync(
                            ModelReference.Parse(name).Name,
                            most,
                            cancellationToken
                        )
                        .ToListAsync(cancellationToken);
                    session.Result(versions, () => Versions(session, versions));
                    return ExitCodes.Done;
                }
                var models = await session
                    .Client.Models.ListAsync(most, cancellationToken)
                    .ToListAsync(cancellationToken);
                session.Result(
                    models,
                    () =>
                        session.Table(
                            ["model", "latest", "aliases", "updated"],
                            models.Select(
                                IReadOnlyList<string> (m) =>
                                    [
                                        m.Name,
                                        $"{m.LatestVersion}",
                                        Aliases(m.Aliases),
                                        TextFormat.Time(m.UpdatedAt),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static void Versions(CliSession session, IReadOnlyList<ModelVersionSummary> versions) =>
        session.Table(
            ["version", "task", "dataset", "run", "split", "metrics", "made"],
            versions.Select(
                IReadOnlyList<string> (v) =>
                    [
                        $"{v.Id}",
                        v.Task,
                        $"{v.Dataset}",
                        v.Run?.Value ?? v.Source ?? "",
                        v.Split ?? "",
                        TextFormat.Metrics(v.Metrics, 3),
                        TextFormat.Time(v.CreatedAt),
                    ]
            )
        );

    private static Command Show(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL")
        {
            Description = "A name: its versions and aliases; name@reference: that version.",
        };
        var command = new Command(
            "show",
            "Show a model's aliases and their history, or a version's signature, lineage and scores."
        )
        {
            model,
        };
        CommandHelp.Add(
            command,
            "oml model show fashion",
            "oml model show fashion@champion",
            "oml model show fashion@3 --json"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var (name, reference) = ModelReference.Parse(session.Arguments.GetValue(model)!);
                if (reference is null)
                {
                    var snapshot = await session.Client.Models.GetAsync(name, cancellationToken);
                    session.Result(snapshot, () => ModelText.Show(session, snapshot));
                    return ExitCodes.Done;
                }
                var version = await session.Client.Models.GetVersionAsync(
                    name,
                    reference,
                    cancellationToken
                );
                session.Result(version, () => ModelText.Show(session, version));
                return ExitCodes.Done;
            }
        );
    }

    private static string Aliases(IReadOnlyDictionary<string, int> aliases) =>
        string.Join(
            ", ",
            aliases.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}")
        );
}
