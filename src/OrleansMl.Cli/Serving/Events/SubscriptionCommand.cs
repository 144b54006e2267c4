using System.CommandLine;
using OrleansMl.Client.Serving.Events;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Cli.Serving.Events;

/// <summary><c>oml subscription</c>.</summary>
internal static class SubscriptionCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The subscription, YAML or JSON; - is standard input.",
        };
        var position = new Argument<string>("POSITION")
        {
            Description = "earliest, latest, a time (ISO 8601), or positions.",
        };
        var recompute = new Option<bool>("--recompute")
        {
            Description = "Answer events again that were answered, as new events.",
        };
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for those who look.",
            DefaultValueFactory = _ => "",
        };
        var command = new Command("subscription", "Let a model answer the events of a topic.")
        {
            Verb(
                environment,
                "set",
                "Make a subscription, or change it.",
                [file],
                async (client, session, token) =>
                    await client.PutAsync(
                        await ReadAsync(session, session.Arguments.GetValue(file)!, token),
                        token
                    )
            ),
            Verb(
                environment,
                "show",
                "Where it stands.",
                [],
                (client, _, token) => client.GetAsync(token)
            ),
            Verb(
                environment,
                "pause",
                "Stop it where it is.",
                [reason],
                (client, session, token) =>
                    client.PauseAsync(session.Arguments.GetValue(reason)!, token)
            ),
            Verb(
                environment,
                "resume",
                "Let it go on.",
                [],
                (client, _, token) => client.ResumeAsync(token)
            ),
            Verb(
                environment,
                "seek",
                "Consume anew from a position or a time.",
                [position, recompute],
                (client, session, token) =>
                    client.SeekAsync(
                        session.Arguments.GetValue(position)!,
                        session.Arguments.GetValue(recompute),
                        token
                    )
            ),
            Delete(environment),
        };
        CommandHelp.Add(
            command,
            "oml subscription set clicks score examples/events-subscription.yaml",
            "oml subscription show clicks score",
            "oml subscription seek clicks score 2026-03-01T00:00:00Z --recompute"
        );
        return command;
    }

    private static Command Verb(
        CliEnvironment environment,
        string verb,
        string description,
        Symbol[] more,
        Func<ConsumerGroupClient, CliSession, CancellationToken, Task<ConsumerGroupSnapshot>> action
    )
    {
        var (command, client) = Named(verb, description);
        foreach (var symbol in more)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)symbol);
        }
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var snapshot = await action(client(session), session, cancellationToken);
                session.Result(snapshot, () => GroupText.Show(session, snapshot));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Delete(CliEnvironment environment)
    {
        var (command, client) = Named("rm", "Delete it with its dead letters.");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                await client(session).DeleteAsync(cancellationToken);
                session.Result(new { deleted = true }, () => session.Line("it is gone"));
                return ExitCodes.Done;
            }
        );
    }

    private static (Command, Func<CliSession, ConsumerGroupClient>) Named(
        string verb,
        string description
    )
    {
        var topic = TopicCommand.Topic();
        var name = new Argument<string>("NAME") { Description = "The subscription's name." };
        var command = new Command(verb, description) { topic, name };
        var rest = verb switch
        {
            "set" => " examples/events-subscription.yaml",
            "seek" => " 2026-03-01T00:00:00Z --recompute",
            _ => "",
        };
        CommandHelp.Add(command, $"oml subscription {verb} clicks score{rest}");
        return (
            command,
            session =>
                session.Client.Topics.Subscription(
                    session.Arguments.GetValue(topic)!,
                    session.Arguments.GetValue(name)!
                )
        );
    }

    private static Task<string> ReadAsync(
        CliSession session,
        string file,
        CancellationToken cancellationToken
    ) =>
        file == "-"
            ? session.Environment.In.ReadToEndAsync(cancellationToken)
            : File.ReadAllTextAsync(file, cancellationToken);
}
