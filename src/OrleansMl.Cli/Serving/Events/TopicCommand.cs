using System.CommandLine;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Cli.Serving.Events;

/// <summary><c>oml topic</c>.</summary>
internal static class TopicCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("topic", "Make, publish to and read topics of events.")
        {
            List(environment),
            Create(environment),
            Delete(environment),
            Publish(environment),
            Read(environment),
            Groups(environment),
            DeadCommand.Build(environment),
        };
        CommandHelp.Add(
            command,
            "oml topic create clicks --partitions 8",
            "oml topic publish clicks --data '{\"age\":41}' --key customer-7 --id click-1",
            "oml topic read clicks --from earliest --follow",
            "oml topic dead clicks score --retry"
        );
        return command;
    }

    /// <summary>The argument that names a topic.</summary>
    public static Argument<string> Topic() => new("TOPIC") { Description = "The topic's name." };

    private static Command List(CliEnvironment environment)
    {
        var command = new Command("ls", "List topics.");
        CommandHelp.Add(command, "oml topic ls");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var topics = await session.Client.Topics.ListAsync(cancellationToken);
                session.Result(
                    topics,
                    () =>
                        session.Table(
                            ["topic", "partitions", "events", "size", "backlog", "groups"],
                            topics.Select(
                                IReadOnlyList<string> (t) =>
                                    [
                                        t.Name,
                                        $"{t.Spec.Partitions}",
                                        TextFormat.Count(t.Partitions.Sum(p => p.Next - p.First)),
                                        TextFormat.Bytes(t.Partitions.Sum(p => p.Bytes)),
                                        TextFormat.Count(t.Backlog),
                                        string.Join(", ", t.Groups),
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Create(CliEnvironment environment)
    {
        var topic = Topic();
        var partitions = new Option<int>("--partitions")
        {
            Description = "1 to 64; fixed from then on.",
            DefaultValueFactory = _ => TopicSpec.Default.Partitions,
        };
        var backlog = new Option<long>("--max-backlog")
        {
            Description = "Events that a group may be behind before publishers must wait.",
            DefaultValueFactory = _ => TopicSpec.Default.MaxBacklog,
        };
        var hours = new Option<double>("--retention-hours")
        {
            Description = "Hours that consumed events are kept.",
            DefaultValueFactory = _ => TopicSpec.Default.RetentionHours,
        };
        var command = new Command("create", "Make a topic, or change how it keeps events.")
        {
            topic,
            partitions,
            backlog,
            hours,
        };
        CommandHelp.Add(command, "oml topic create clicks --partitions 8 --retention-hours 72");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var made = await session.Client.Topics.PutAsync(
                    session.Arguments.GetValue(topic)!,
                    new TopicSpec
                    {
                        Partitions = session.Arguments.GetValue(partitions),
                        MaxBacklog = session.Arguments.GetValue(backlog),
                        RetentionHours = session.Arguments.GetValue(hours),
                    },
                    cancellationToken
                );
                session.Result(
                    made,
                    () => session.Line($"topic {made.Name} has {made.Spec.Partitions} partitions")
                );
                return ExitCodes.Done;
            }
        );
    }

    private static Command Delete(CliEnvironment environment)
    {
        var topic = Topic();
        var command = new Command("rm", "Delete a topic and its events.") { topic };
        CommandHelp.Add(command, "oml topic rm clicks");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var name = session.Arguments.GetValue(topic)!;
                await session.Client.Topics.DeleteAsync(name, cancellationToken);
                session.Result(new { topic = name }, () => session.Line($"topic {name} is gone"));
                return ExitCodes.Done;
            }
        );
    }

    private static Command Publish(CliEnvironment environment)
    {
        var topic = Topic();
        var data = new Option<string?>("--data")
        {
            Description = "One event's payload, JSON.",
            HelpName = "JSON",
        };
        var id = new Option<string?>("--id")
        {
            Description = "Its id: the same id is the same event. Default: a new one.",
        };
        var key = new Option<string?>("--key") { Description = "Events of one key stay in order." };
        var file = new Option<string?>("--file")
        {
            Description =
                "Events, one a line, each {\"id\":…,\"key\":…,\"type\":…,\"data\":…}; - is standard input.",
            HelpName = "JSONL",
        };
        var command = new Command("publish", "Publish one event, or a file of them.")
        {
            topic,
            data,
            id,
            key,
            file,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(data) is null == result.GetValue(file) is null)
                result.AddError("give either --data or --file.");
        });
        CommandHelp.Add(
            command,
            "oml topic publish clicks --data '{\"age\":41}' --key customer-7 --id click-1",
            "oml topic publish clicks --file clicks.jsonl"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var events = arguments.GetValue(data) is { } json
                    ?
                    [
                        new EventRequest
                        {
                            Id = arguments.GetValue(id),
                            Key = arguments.GetValue(key),
                            Data = Parse<JsonElement>(json, "--data"),
                        },
                    ]
                    : await ReadFileAsync(session, arguments.GetValue(file)!, cancellationToken);
                var receipts = new List<EventReceipt>();
                foreach (var part in events.Chunk(500))
                    receipts.AddRange(
                        await session.Client.Topics.PublishAsync(
                            arguments.GetValue(topic)!,
                            part,
                            cancellationToken
                        )
                    );
                session.Result(
                    receipts,
                    () =>
                        session.Line(
                            $"{receipts.Count(r => !r.Duplicate)} published, {receipts.Count(r => r.Duplicate)} were there already"
                        )
                );
                return ExitCodes.Done;
            }
        );
    }

    private static async Task<List<EventRequest>> ReadFileAsync(
        CliSession session,
        string file,
        CancellationToken cancellationToken
    )
    {
        var text =
            file == "-"
                ? await session.Environment.In.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(file, cancellationToken);
        var events = new List<EventRequest>();
        var number = 0;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            number++;
            if (line.Length > 0)
                events.Add(Parse<EventRequest>(line, $"{file} line {number}"));
        }
        return events;
    }

    private static T Parse<T>(string json, string where)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, ContractsJson.Options)
                ?? throw new InvalidInputException($"{where}: expected JSON, got null.");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{where}: expected JSON: {e.Message}", e);
        }
    }

    private static Command Read(CliEnvironment environment)
    {
        var topic = Topic();
        var from = new Option<string>("--from")
        {
            Description = "earliest, latest, a time (ISO 8601), or positions.",
            DefaultValueFactory = _ => "earliest",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "The most events.",
            DefaultValueFactory = _ => 100,
        };
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Go on with what comes, until interrupted.",
        };
        var command = new Command("read", "Read a topic's events, a line of JSON each.")
        {
            topic,
            from,
            limit,
            follow,
        };
        CommandHelp.Add(command, "oml topic read clicks --from earliest --follow");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                if (arguments.GetValue(follow))
                {
                    await foreach (
                        var e in session.Client.Topics.FollowAsync(
                            arguments.GetValue(topic)!,
                            arguments.GetValue(from)!,
                            cancellationToken
                        )
                    )
                        Write(session, e);
                    return ExitCodes.Done;
                }
                var page = await session.Client.Topics.ReadAsync(
                    arguments.GetValue(topic)!,
                    arguments.GetValue(from)!,
                    arguments.GetValue(limit),
                    cancellationToken: cancellationToken
                );
                foreach (var e in page.Events)
                    Write(session, e);
                session.Note($"next: --from {page.Next}");
                return ExitCodes.Done;
            }
        );
    }

    private static void Write(CliSession session, EventRecord e) =>
        session.Line(JsonSerializer.Serialize(e, ContractsJson.Options));

    private static Command Groups(CliEnvironment environment)
    {
        var topic = Topic();
        var command = new Command("groups", "Where a topic's groups stand.") { topic };
        CommandHelp.Add(command, "oml topic groups clicks");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var groups = await session
                    .Client.Topics.Group(session.Arguments.GetValue(topic)!, "all")
                    .SiblingsAsync(cancellationToken);
                session.Result(groups, () => GroupText.Table(session, groups));
                return ExitCodes.Done;
            }
        );
    }
}
