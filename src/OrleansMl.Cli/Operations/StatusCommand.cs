using System.CommandLine;

namespace OrleansMl.Cli.Operations;

/// <summary><c>oml status</c>.</summary>
internal static class StatusCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var command = new Command("status", "Show silos, compute slots, the queue and totals.");
        CommandHelp.Add(command, "oml status", "oml status --json | jq .silos[].name");
        return command.Runs(environment, RunAsync);
    }

    private static async Task<int> RunAsync(CliSession session, CancellationToken cancellationToken)
    {
        var status = await session.Client.StatusAsync(cancellationToken);
        session.Result(
            status,
            () =>
            {
                session.Line($"cluster {status.ClusterId}, version {status.Version}");
                session.Table(
                    ["silo", "status", "roles", "accelerators", "memory", "gateway"],
                    status.Silos.Select(
                        IReadOnlyList<string> (s) =>
                            [
                                s.Name,
                                s.Status,
                                string.Join(',', s.Roles),
                                string.Join(',', s.Accelerators),
                                TextFormat.Bytes(s.MemoryBytes),
                                s.GatewayUrl ?? "",
                            ]
                    )
                );
                if (status.Pool.Slots.Count > 0)
                    session.Table(
                        ["slot", "accelerator", "run", "attempt"],
                        status.Pool.Slots.Select(
                            IReadOnlyList<string> (s) =>
                                [
                                    s.Slot,
                                    s.Accelerator,
                                    s.Run?.Value ?? (s.Draining ? "draining" : "idle"),
                                    s.Attempt > 0 ? $"{s.Attempt}" : "",
                                ]
                        )
                    );
                var runs = string.Join(", ", status.Runs.Select(r => $"{r.Value} {r.Key}"));
                session.Line(
                    $"queue {status.Pool.Queue.Count} of {status.Pool.QueueLimit}; runs: {(runs.Length == 0 ? "none" : runs)}; {status.Datasets} datasets, {status.Models} models, {status.ModelVersions} versions"
                );
            }
        );
        return ExitCodes.Done;
    }
}
