using System.CommandLine;
using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Cli.Trust;

/// <summary><c>oml key limit</c> and <c>oml key usage</c>.</summary>
internal static class KeyLimitCommands
{
    public static Command Limit(CliEnvironment environment)
    {
        var id = new Argument<string>("ID")
        {
            Description = "The key's id: the eight characters after oml_ in the key.",
        };
        var requests = Rate("--requests-per-second", "Requests a second.");
        var requestBurst = Rate("--request-burst", "Requests at once after a pause.");
        var rows = Rate("--rows-per-second", "Rows of inference a second.");
        var rowBurst = Rate("--row-burst", "Rows at once after a pause.");
        var bytes = Rate("--bytes-per-second", "Bytes of bodies a second.");
        var byteBurst = Rate("--byte-burst", "Bytes at once after a pause.");
        var concurrent = new Option<int?>("--concurrent") { Description = "Requests at a time." };
        var requestsPerDay = Quota("--requests-per-day", "Requests a day (UTC).");
        var requestsPerMonth = Quota("--requests-per-month", "Requests a month (UTC).");
        var rowsPerDay = Quota("--rows-per-day", "Rows a day (UTC).");
        var rowsPerMonth = Quota("--rows-per-month", "Rows a month (UTC).");
        var low = new Option<bool>("--low-priority")
        {
            Description = "Refuse its requests first when the gateway is nearly full.",
        };
        var none = new Option<bool>("--default")
        {
            Description = "Take its limits away: the cluster's default holds. Stands alone.",
        };
        var command = new Command(
            "limit",
            "Replace what a key may use, in the whole cluster. What is left out is not limited."
        )
        {
            id,
            requests,
            requestBurst,
            rows,
            rowBurst,
            bytes,
            byteBurst,
            concurrent,
            requestsPerDay,
            requestsPerMonth,
            rowsPerDay,
            rowsPerMonth,
            low,
            none,
        };
        CommandHelp.Add(
            command,
            "oml key limit 4f7k2m9x --requests-per-second 50 --request-burst 200",
            "oml key limit 4f7k2m9x --requests-per-month 1000000 --concurrent 16",
            "oml key limit 4f7k2m9x --default"
        );
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var given = session.Arguments;
                var answer = await session.Client.Keys.SetLimitsAsync(
                    given.GetValue(id)!,
                    given.GetValue(none)
                        ? null
                        : new LimitPolicy
                        {
                            RequestsPerSecond = given.GetValue(requests),
                            RequestBurst = given.GetValue(requestBurst),
                            RowsPerSecond = given.GetValue(rows),
                            RowBurst = given.GetValue(rowBurst),
                            BytesPerSecond = given.GetValue(bytes),
                            ByteBurst = given.GetValue(byteBurst),
                            ConcurrentRequests = given.GetValue(concurrent),
                            RequestsPerDay = given.GetValue(requestsPerDay),
                            RequestsPerMonth = given.GetValue(requestsPerMonth),
                            RowsPerDay = given.GetValue(rowsPerDay),
                            RowsPerMonth = given.GetValue(rowsPerMonth),
                            LowPriority = given.GetValue(low),
                        },
                    cancellationToken
                );
                session.Result(
                    answer,
                    () =>
                    {
                        session.Line(
                            $"key {answer.Key.Id} ({answer.Key.Name}): {(answer.Key.Limits is { } limits ? Text(limits) : "the cluster's default")}"
                        );
                        if (answer.Unconfirmed.Count > 0)
                            session.Note(
                                $"not confirmed yet by {string.Join(", ", answer.Unconfirmed)}: there it holds within {TextFormat.Number(answer.WithinSeconds)} s"
                            );
                    }
                );
                return ExitCodes.Done;
            }
        );
    }

    public static Command Usage(CliEnvironment environment)
    {
        var id = new Argument<string?>("ID")
        {
            Description = "The key's id. Default: the key that asks.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "usage",
            "Show what a key has used today and this month, and what is left."
        )
        {
            id,
        };
        CommandHelp.Add(command, "oml key usage 4f7k2m9x", "oml key usage --json");
        return command.Runs(
            environment,
            async (session, cancellationToken) =>
            {
                var usage = await session.Client.Keys.UsageAsync(
                    session.Arguments.GetValue(id),
                    cancellationToken
                );
                session.Result(usage, () => Show(session, usage));
                return ExitCodes.Done;
            }
        );
    }

    private static void Show(CliSession session, UsageAnswer usage)
    {
        session.Line(
            $"{usage.Subject}: {(usage.Limits is { } limits ? Text(limits) : "no limits, nothing is counted")}{(usage.IsDefault ? " (the cluster's default)" : "")}"
        );
        session.Table(
            ["", "requests", "left", "rows", "left", "bytes", "refused"],
            [
                Row(
                    $"{usage.Day:yyyy-MM-dd}",
                    usage.Today,
                    usage.Remaining.RequestsToday,
                    usage.Remaining.RowsToday
                ),
                Row(
                    $"{usage.Day:yyyy-MM}",
                    usage.Month,
                    usage.Remaining.RequestsThisMonth,
                    usage.Remaining.RowsThisMonth
                ),
            ]
        );
        if (usage.ReservedRequests + usage.ReservedRows > 0)
            session.Note(
                $"silos have set aside {TextFormat.Count(usage.ReservedRequests)} requests and {TextFormat.Count(usage.ReservedRows)} rows more"
            );
    }

    private static IReadOnlyList<string> Row(
        string period,
        UsageCounts counts,
        long? requestsLeft,
        long? rowsLeft
    ) =>
        [
            period,
            TextFormat.Count(counts.Requests),
            requestsLeft is { } requests ? TextFormat.Count(requests) : "",
            TextFormat.Count(counts.Rows),
            rowsLeft is { } rows ? TextFormat.Count(rows) : "",
            TextFormat.Bytes(counts.Bytes),
            TextFormat.Count(counts.Refused),
        ];

    private static string Text(LimitPolicy limits)
    {
        List<string> parts = [];
        Add(limits.RequestsPerSecond, "requests/s", limits.RequestBurst);
        Add(limits.RowsPerSecond, "rows/s", limits.RowBurst);
        Add(limits.BytesPerSecond, "bytes/s", limits.ByteBurst);
        Add(limits.ConcurrentRequests, "at a time", null);
        Add(limits.RequestsPerDay, "requests/day", null);
        Add(limits.RequestsPerMonth, "requests/month", null);
        Add(limits.RowsPerDay, "rows/day", null);
        Add(limits.RowsPerMonth, "rows/month", null);
        if (limits.LowPriority)
            parts.Add("low priority");
        return parts.Count == 0 ? "counted, not limited" : string.Join(", ", parts);

        void Add(double? value, string unit, double? burst)
        {
            if (value is { } of)
                parts.Add(
                    $"{TextFormat.Number(of)} {unit}{(burst is { } b ? $" (burst {TextFormat.Number(b)})" : "")}"
                );
        }
    }

    private static Option<double?> Rate(string name, string what) =>
        new(name) { Description = what };

    private static Option<long?> Quota(string name, string what) =>
        new(name) { Description = what };
}
