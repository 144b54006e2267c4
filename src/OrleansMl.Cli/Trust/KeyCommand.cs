using System.CommandLine;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Cli.Trust;

/// <summary><c>oml key</c>.</summary>
internal static class KeyCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("key", "Create, list, rotate, limit and revoke API keys.")
        {
            Create(environment),
            List(environment),
            Rotate(environment),
            Revoke(environment),
            KeyLimitCommands.Limit(environment),
            KeyLimitCommands.Usage(environment),
        };
        CommandHelp.Add(
            command,
            "oml key create shop --role predictor --model 'shop-*' --days 90",
            "oml key rotate 4f7k2m9x --grace-hours 24",
            "oml key limit 4f7k2m9x --requests-per-second 50 --requests-per-month 1000000",
            "oml key revoke 4f7k2m9x"
        );
        return command;
    }

    private static Command Create(CliEnvironment environment)
    {
        var name = new Argument<string>("NAME")
        {
            Description = "The key's name, which stands in histories and the audit log.",
        };
        var roles = new Option<AccessRole[]>("--role")
        {
            Description = "A role; repeat it for several.",
            Required = true,
        };
        var models = new Option<string[]>("--model")
        {
            Description = "A model that it may touch, '*' for any characters. Default: all.",
            HelpName = "PATTERN",
        };
        var days = new Option<double?>("--days")
        {
            Description = "Days until it expires. Default: never.",
        };
        var command = new Command("create", "Create a key; its secret is shown this once.")
        {
            name,
            roles,
            models,
            days,
        };
        CommandHelp.Add(command, "oml key create ci --role trainer --role operator");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var patterns = session.Arguments.GetValue(models) ?? [];
                var answer = await session.Client.Keys.CreateAsync(
                    new ApiKeyRequest
                    {
                        Name = session.Arguments.GetValue(name)!,
                        Roles = session.Arguments.GetValue(roles)!,
                        Models = patterns.Length == 0 ? null : patterns,
                        ExpiresAt = session.Arguments.GetValue(days) is { } valid
                            ? session.Environment.TimeProvider.GetUtcNow().AddDays(valid)
                            : null,
                    },
                    cancellationToken
                );
                session.Result(answer, () => Show(session, answer));
                return ExitCodes.Done;
            }
        );
    }

    private static Command List(CliEnvironment environment)
    {
        var command = new Command("ls", "List keys, without their secrets.");
        CommandHelp.Add(command, "oml key ls", "oml key ls --json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var keys = await session.Client.Keys.ListAsync(cancellationToken);
                session.Result(
                    keys,
                    () =>
                        session.Table(
                            ["id", "name", "roles", "models", "made", "expires", "revoked"],
                            keys.Select(
                                IReadOnlyList<string> (key) =>
                                    [
                                        key.Id,
                                        key.Name,
                                        Roles(key),
                                        string.Join(", ", key.Models),
                                        TextFormat.Time(key.CreatedAt),
                                        TextFormat.Time(key.ExpiresAt),
                                        TextFormat.Time(key.RevokedAt),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Rotate(CliEnvironment environment)
    {
        var id = Id();
        var grace = new Option<double?>("--grace-hours")
        {
            Description = "Hours in which the old secret is still taken, 0 to 720. Default: 24.",
        };
        var command = new Command("rotate", "Replace a key's secret; the new one is shown once.")
        {
            id,
            grace,
        };
        CommandHelp.Add(command, "oml key rotate 4f7k2m9x --grace-hours 24");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var answer = await session.Client.Keys.RotateAsync(
                    session.Arguments.GetValue(id)!,
                    session.Arguments.GetValue(grace) is { } hours
                        ? TimeSpan.FromHours(hours)
                        : null,
                    cancellationToken
                );
                session.Result(answer, () => Show(session, answer));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Revoke(CliEnvironment environment)
    {
        var id = Id();
        var command = new Command("revoke", "End a key in the whole cluster.") { id };
        CommandHelp.Add(command, "oml key revoke 4f7k2m9x");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var answer = await session.Client.Keys.RevokeAsync(
                    session.Arguments.GetValue(id)!,
                    cancellationToken
                );
                session.Result(
                    answer,
                    () =>
                    {
                        session.Line($"key {answer.Key.Id} ({answer.Key.Name}) is revoked");
                        ShowSilos(session, answer);
                    }
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Id() =>
        new("ID") { Description = "The key's id: the eight characters after oml_ in the key." };

    private static void Show(CliSession session, ApiKeyAnswer answer)
    {
        session.Line(
            $"key {answer.Key.Id} ({answer.Key.Name}): {Roles(answer.Key)}; models {string.Join(", ", answer.Key.Models)}; expires {(answer.Key.ExpiresAt is { } at ? TextFormat.Time(at) : "never")}"
        );
        if (answer.Secret is { } secret)
            session.Line(secret);
        else
            session.Note(
                $"An earlier try was carried out and its answer lost, and with it the secret: run oml key rotate {answer.Key.Id}."
            );
        ShowSilos(session, answer);
    }

    private static void ShowSilos(CliSession session, ApiKeyAnswer answer)
    {
        if (answer.Unconfirmed.Count > 0)
            session.Note(
                $"not confirmed yet by {string.Join(", ", answer.Unconfirmed)}: there it holds within {TextFormat.Number(answer.WithinSeconds)} s"
            );
    }

    private static string Roles(ApiKeySnapshot key) =>
        string.Join(", ", key.Roles).ToLowerInvariant();
}
