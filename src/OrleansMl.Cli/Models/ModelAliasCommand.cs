using System.CommandLine;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model alias</c>.</summary>
internal static class ModelAliasCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var model = new Argument<string>("MODEL") { Description = "The model's name." };
        var alias = new Argument<string>("ALIAS")
        {
            Description = "The alias, for example champion.",
        };
        var version = new Argument<int?>("VERSION")
        {
            Description = "The version's number.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var remove = new Option<bool>("--remove") { Description = "Remove the alias." };
        var expected = new Option<int?>("--expected")
        {
            Description = "Move only if it points at this version now (0: nowhere); else exit 4.",
            HelpName = "VERSION",
        };
        var reason = new Option<string?>("--reason") { Description = "Why, for the history." };
        var force = new Option<bool>("--force")
        {
            Description = "Move even though a serving silo can't load the version.",
        };
        var command = new Command("alias", "Point an alias at a version, or remove it.")
        {
            model,
            alias,
            version,
            remove,
            expected,
            reason,
            force,
        };
        CommandHelp.Add(
            command,
            "oml model alias fashion champion 3",
            "oml model alias fashion champion 4 --expected 3 --reason 'better on March'",
            "oml model alias fashion challenger --remove"
        );
        command.Validators.Add(result =>
        {
            if (result.GetValue(version) is null == !result.GetValue(remove))
                result.AddError("give either a version or --remove.");
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var (name, reference) = ModelReference.Parse(arguments.GetValue(model)!);
                if (reference is not null)
                    throw new InvalidInputException(
                        $"'{arguments.GetValue(model)}': give the model's name alone and the version as the third argument."
                    );
                var moved = arguments.GetValue(version) is { } number
                    ? await session.Client.Models.MoveAliasAsync(
                        name,
                        arguments.GetValue(alias)!,
                        number,
                        arguments.GetValue(expected),
                        arguments.GetValue(reason),
                        arguments.GetValue(force),
                        cancellationToken
                    )
                    : await session.Client.Models.RemoveAliasAsync(
                        name,
                        arguments.GetValue(alias)!,
                        arguments.GetValue(expected),
                        arguments.GetValue(reason),
                        cancellationToken
                    );
                session.Result(moved, () => ModelText.Show(session, moved));
                return ExitCodes.Done;
            }
        );
    }
}
