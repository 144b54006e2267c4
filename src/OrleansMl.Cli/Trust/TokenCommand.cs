using System.CommandLine;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Cli.Trust;

/// <summary><c>oml token</c>.</summary>
internal static class TokenCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("token", "Tokens with which Orleans clients call grains.")
        {
            Issue(environment),
            Rotate(environment),
        };
        CommandHelp.Add(
            command,
            "oml token issue --role predictor --model 'shop-*' --minutes 5",
            "oml token rotate-key"
        );
        return command;
    }

    private static Command Issue(CliEnvironment environment)
    {
        var roles = new Option<AccessRole[]>("--role")
        {
            Description = "A role; repeat it for several. Default: all that the caller may.",
        };
        var models = new Option<string[]>("--model")
        {
            Description =
                "A model that it may touch, '*' for any characters. Default: all that the caller may touch.",
            HelpName = "PATTERN",
        };
        var minutes = new Option<double?>("--minutes")
        {
            Description =
                "Minutes for which it is valid. Default: the cluster's ClusterTokens:LifetimeSeconds.",
        };
        var command = new Command("issue", "Print a token.") { roles, models, minutes };
        CommandHelp.Add(command, "oml token issue --role predictor --minutes 5");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var asked = session.Arguments.GetValue(roles) ?? [];
                var patterns = session.Arguments.GetValue(models) ?? [];
                var answer = await session.Client.Tokens.IssueAsync(
                    new ClusterTokenRequest
                    {
                        Roles = asked.Length == 0 ? null : asked,
                        Models = patterns.Length == 0 ? null : patterns,
                        LifetimeSeconds = session.Arguments.GetValue(minutes) * 60,
                    },
                    cancellationToken
                );
                session.Result(
                    answer,
                    () =>
                    {
                        session.Line(answer.Token);
                        session.Note(
                            $"{answer.Subject} may {answer.Permissions} on {string.Join(", ", answer.Models)} until {TextFormat.Time(answer.ExpiresAt)}"
                        );
                    }
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Rotate(CliEnvironment environment)
    {
        var command = new Command(
            "rotate-key",
            "Replace the key that signs tokens; tokens of the old one are good until they expire."
        );
        CommandHelp.Add(command, "oml token rotate-key");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var answer = await session.Client.Tokens.RotateKeyAsync(cancellationToken);
                session.Result(
                    answer,
                    () =>
                        session.Line(
                            $"key {answer.Id} signs from {TextFormat.Time(answer.SignsFrom)}"
                        )
                );
                return ExitCodes.Done;
            }
        );
    }
}
