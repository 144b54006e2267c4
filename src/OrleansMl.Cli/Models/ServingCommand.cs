using System.CommandLine;
using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model serving</c>.</summary>
internal static class ServingCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL") { Description = "The model's name." };
        var file = new Argument<string?>("FILE")
        {
            Description =
                "Replace the whole policy by this file's, JSON; - is standard input. Default: show it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var expected = new Option<long?>("--expected")
        {
            Description = "Replace only if the policy has this revision now; else exit 4.",
            HelpName = "REVISION",
        };
        var force = new Option<bool>("--force")
        {
            Description = "Replace even though a serving silo can't load a version.",
        };
        var command = new Command(
            "serving",
            "Show or replace how a model is served: batching, traffic, watching."
        )
        {
            model,
            file,
            expected,
            force,
        };
        CommandHelp.Add(
            command,
            "oml model serving fashion > policy.json",
            "oml model serving fashion policy.json --expected 3"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var name = arguments.GetValue(model)!;
                if (arguments.GetValue(file) is not { } path)
                {
                    var shown = await session.Client.Models.GetServingAsync(
                        name,
                        cancellationToken
                    );
                    // The text is a file that can be changed and given back.
                    session.Result(
                        shown,
                        () =>
                            session.Line(
                                JsonSerializer.Serialize(shown.Policy, ContractsJson.Options)
                            )
                    );
                    return ExitCodes.Done;
                }
                var set = await session.Client.Models.SetServingAsync(
                    name,
                    await PolicyFile.ReadAsync(session, path, cancellationToken),
                    arguments.GetValue(expected),
                    arguments.GetValue(force),
                    cancellationToken
                );
                session.Result(set, () => session.Line($"{name}: revision {set.Revision}"));
                return ExitCodes.Done;
            }
        );
    }
}
