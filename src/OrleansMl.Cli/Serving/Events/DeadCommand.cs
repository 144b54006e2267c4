using System.CommandLine;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Cli.Serving.Events;

/// <summary><c>oml topic dead</c>.</summary>
internal static class DeadCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var topic = TopicCommand.Topic();
        var group = new Argument<string>("GROUP") { Description = "The group or subscription." };
        var retry = new Option<bool>("--retry") { Description = "Try them again." };
        var discard = new Option<bool>("--discard") { Description = "Remove them." };
        var letter = new Option<string[]>("--letter")
        {
            Description = "Only these, PARTITION-POSITION. Default: all.",
            HelpName = "ID",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command(
            "dead",
            "List a group's dead letters, try them again or remove them."
        )
        {
            topic,
            group,
            retry,
            discard,
            letter,
        };
        CommandHelp.Add(
            command,
            "oml topic dead clicks score",
            "oml topic dead clicks score --retry --letter 3-1041"
        );
        command.Validators.Add(result =>
        {
            if (result.GetValue(retry) && result.GetValue(discard))
                result.AddError("give either --retry or --discard.");
        });
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var client = session.Client.Topics.Group(
                    arguments.GetValue(topic)!,
                    arguments.GetValue(group)!
                );
                var ids = arguments.GetValue(letter) ?? [];
                if (!arguments.GetValue(retry) && !arguments.GetValue(discard))
                {
                    var letters = await client.DeadAsync(cancellationToken: cancellationToken);
                    session.Result(letters, () => Table(session, letters));
                    return ExitCodes.Done;
                }
                var count = arguments.GetValue(retry)
                    ? await client.RetryDeadAsync(ids, cancellationToken)
                    : await client.DiscardDeadAsync(ids, cancellationToken);
                session.Result(
                    new DeadLetterCount { Letters = count },
                    () =>
                        session.Line(
                            $"{count} {(arguments.GetValue(retry) ? "are tried again" : "were removed")}"
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static void Table(CliSession session, IReadOnlyList<DeadLetter> letters) =>
        session.Table(
            ["id", "event", "tries", "dead since", "retrying", "error"],
            letters.Select(
                IReadOnlyList<string> (l) =>
                    [
                        l.Id,
                        l.Event.Id,
                        $"{l.Tries}",
                        TextFormat.Time(l.DeadAt),
                        l.Retrying ? "yes" : "",
                        l.Error,
                    ]
            )
        );
}
