using System.CommandLine;

namespace OrleansMl.Cli.Trust;

/// <summary><c>oml audit</c>.</summary>
internal static class AuditCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var actor = new Option<string?>("--actor") { Description = "What this one did." };
        var action = new Option<string?>("--action")
        {
            Description = "Actions that begin so, for example model.alias.",
        };
        var subject = new Option<string?>("--subject")
        {
            Description = "What was done to this, for example model/fashion.",
        };
        var request = new Option<string?>("--request")
        {
            Description = "What this request did, by its id.",
            HelpName = "ID",
        };
        var from = new Option<DateTimeOffset?>("--from")
        {
            Description = "Not before this time, for example 2026-01-31T12:00:00Z.",
            HelpName = "TIME",
        };
        var to = new Option<DateTimeOffset?>("--to")
        {
            Description = "Not after this time.",
            HelpName = "TIME",
        };
        var before = new Option<long?>("--before")
        {
            Description = "Records older than this one.",
            HelpName = "ID",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "The most that are shown, 1 to 500.",
            DefaultValueFactory = _ => 50,
        };
        var command = new Command("audit", "Show who changed what, newest first.")
        {
            actor,
            action,
            subject,
            request,
            from,
            to,
            before,
            limit,
        };
        CommandHelp.Add(command, "oml audit --subject model/fashion", "oml audit --action key.");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var page = await session.Client.Keys.AuditAsync(
                    arguments.GetValue(actor),
                    arguments.GetValue(action),
                    arguments.GetValue(subject),
                    arguments.GetValue(before),
                    arguments.GetValue(limit),
                    arguments.GetValue(request),
                    arguments.GetValue(from),
                    arguments.GetValue(to),
                    cancellationToken
                );
                session.Result(
                    page,
                    () =>
                        session.Table(
                            ["id", "when", "who", "what", "on", "outcome", "detail"],
                            page.Items.Select(
                                IReadOnlyList<string> (record) =>
                                    [
                                        $"{record.Id}",
                                        TextFormat.Time(record.At),
                                        record.Actor,
                                        record.Action,
                                        record.Subject,
                                        record.Outcome.ToString().ToLowerInvariant(),
                                        record.Detail,
                                    ]
                            )
                        )
                );
                return ExitCodes.Done;
            }
        );
    }
}
