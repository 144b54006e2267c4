using System.CommandLine;
using System.Globalization;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Cli.Models;

/// <summary><c>oml model traffic</c>.</summary>
internal static class TrafficCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command(
            "traffic",
            "Show, change and compare which versions answer a model's calls; advance, promote or roll back a canary."
        )
        {
            Show(environment),
            Set(environment),
            Compare(environment),
            Move(environment, "advance", "Go on to the canary's next step.", CanaryAction.Advance),
            Move(
                environment,
                "promote",
                "Give the canary all calls and move the alias.",
                CanaryAction.Promote
            ),
            Move(
                environment,
                "rollback",
                "Give all calls back to the version before the canary.",
                CanaryAction.RollBack
            ),
        };
        CommandHelp.Add(
            command,
            "oml model traffic show fashion",
            "oml model traffic set fashion --split champion=9 --split 7=1"
        );
        return command;
    }

    private static Command Show(CliEnvironment environment)
    {
        var model = Model();
        var command = new Command(
            "show",
            "Show figures by version, shadows, the canary and what was decided."
        )
        {
            model,
        };
        CommandHelp.Add(command, "oml model traffic show fashion");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var traffic = await session.Client.Models.GetTrafficAsync(
                    session.Arguments.GetValue(model)!,
                    cancellationToken
                );
                session.Result(traffic, () => TrafficText.Show(session, traffic));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Set(CliEnvironment environment)
    {
        var model = Model();
        var split = new Option<string[]>("--split")
        {
            Description = "A share of the calls: a version or alias and its weight; repeat it.",
            HelpName = "REF=WEIGHT",
        };
        var file = new Option<string?>("--file")
        {
            Description =
                "The section 'traffic' of this file, as in examples/serving-canary.json; - is standard input.",
            HelpName = "FILE",
        };
        var none = new Option<bool>("--none")
        {
            Description =
                "No traffic section: the alias champion, else the newest version answers.",
        };
        var force = new Option<bool>("--force")
        {
            Description = "Change it even though a serving silo can't load a version.",
        };
        var command = new Command(
            "set",
            "Replace which versions answer; the policy's other sections stay. Versions are loaded everywhere first."
        )
        {
            model,
            split,
            file,
            none,
            force,
        };
        CommandHelp.Add(
            command,
            "oml model traffic set fashion --split champion=9 --split 7=1",
            "oml model traffic set fashion --file canary.json",
            "oml model traffic set fashion --none"
        );
        command.Validators.Add(result =>
        {
            var given =
                (result.GetValue(split) is { Length: > 0 } ? 1 : 0)
                + (result.GetValue(file) is null ? 0 : 1)
                + (result.GetValue(none) ? 1 : 0);
            if (given != 1)
                result.AddError("give one of --split, --file and --none.");
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var name = arguments.GetValue(model)!;
                var traffic =
                    arguments.GetValue(file) is { } path
                        ? (await PolicyFile.ReadAsync(session, path, cancellationToken)).Traffic
                            ?? throw new InvalidInputException(
                                $"'{path}' has no section 'traffic'."
                            )
                    : arguments.GetValue(none) ? null
                    : new TrafficPolicy { Split = [.. arguments.GetValue(split)!.Select(Share)] };
                // Whoever changed another section meanwhile is not overwritten: exit 4.
                var now = await session.Client.Models.GetServingAsync(name, cancellationToken);
                var set = await session.Client.Models.SetServingAsync(
                    name,
                    now.Policy with
                    {
                        Traffic = traffic,
                    },
                    now.Revision,
                    arguments.GetValue(force),
                    cancellationToken
                );
                session.Result(set, () => session.Line($"{name}: revision {set.Revision}"));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Compare(CliEnvironment environment)
    {
        var model = Model();
        var baseline = new Option<int?>("--baseline")
        {
            Description = "The version compared with.",
            HelpName = "VERSION",
        };
        var candidate = new Option<int?>("--candidate")
        {
            Description = "The version compared.",
            HelpName = "VERSION",
        };
        var confidence = new Option<double>("--confidence")
        {
            Description = "0.5 to 0.9999.",
            DefaultValueFactory = _ => 0.95,
        };
        var command = new Command("compare", "Compare two versions with significance tests.")
        {
            model,
            baseline,
            candidate,
            confidence,
        };
        CommandHelp.Add(command, "oml model traffic compare fashion --baseline 6 --candidate 7");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var comparison = await session.Client.Models.CompareTrafficAsync(
                    arguments.GetValue(model)!,
                    arguments.GetValue(baseline),
                    arguments.GetValue(candidate),
                    arguments.GetValue(confidence),
                    cancellationToken
                );
                session.Result(comparison, () => TrafficText.Show(session, comparison));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Move(
        CliEnvironment environment,
        string name,
        string description,
        CanaryAction action
    )
    {
        var model = Model();
        var reason = new Option<string?>("--reason") { Description = "Why, for the history." };
        var command = new Command(name, description) { model, reason };
        CommandHelp.Add(command, $"oml model traffic {name} fashion --reason 'looks fine'");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var traffic = await session.Client.Models.MoveCanaryAsync(
                    session.Arguments.GetValue(model)!,
                    action,
                    session.Arguments.GetValue(reason),
                    cancellationToken
                );
                session.Result(traffic, () => TrafficText.Show(session, traffic));
                return ExitCodes.Done;
            }
        );
    }

    private static Argument<string> Model() => new("MODEL") { Description = "The model's name." };

    private static TrafficShare Share(string text)
    {
        var at = text.LastIndexOf('=');
        return
            at > 0
            && double.TryParse(
                text.AsSpan(at + 1),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var weight
            )
            ? new TrafficShare { Version = text[..at], Weight = weight }
            : throw new InvalidInputException(
                $"'{text}' is not a share: expected a version or alias and its weight, for example champion=9."
            );
    }
}
