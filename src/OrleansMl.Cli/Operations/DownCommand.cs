using System.CommandLine;
using System.Diagnostics;

namespace OrleansMl.Cli.Operations;

/// <summary><c>oml down</c>: stops the silo of a data folder in order.</summary>
internal static class DownCommand
{
    public static Command Build(CliEnvironment environment)
    {
        var data = new Option<string>("--data")
        {
            Description = "The silo's data folder.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "oml-data",
        };
        var command = new Command(
            "down",
            "Stop the silo of a data folder: it checkpoints its training, hands over and leaves."
        )
        {
            data,
        };
        CommandHelp.Add(command, "oml down", "oml down --data /var/lib/oml");
        return command.Runs(
            environment,
            (session, cancellationToken) =>
                RunAsync(session, session.Arguments.GetValue(data)!, cancellationToken)
        );
    }

    private static async Task<int> RunAsync(
        CliSession session,
        string data,
        CancellationToken cancellationToken
    )
    {
        var record = SiloRecord.Read(data);
        using var silo = Find(record.ProcessId);
        if (silo is not null)
        {
            SiloSignals.Stop(silo);
            await silo.WaitForExitAsync(cancellationToken);
        }
        session.Result(
            new
            {
                record.Name,
                record.ProcessId,
                wasRunning = silo is not null,
            },
            () =>
                session.Line(
                    silo is null
                        ? $"silo {record.Name} was not running"
                        : $"silo {record.Name} (process {record.ProcessId}) has stopped"
                )
        );
        return ExitCodes.Done;
    }

    private static Process? Find(int id)
    {
        try
        {
            var process = Process.GetProcessById(id);
            // Ids are used again: another program must not get the signal.
            if (IsSilo(process))
                return process;
            process.Dispose();
            return null;
        }
        catch (ArgumentException)
        {
            // No process has the id: the silo has ended.
            return null;
        }
    }

    private static bool IsSilo(Process process)
    {
        var commandLine = $"/proc/{process.Id}/cmdline";
        return File.Exists(commandLine)
            ? File.ReadAllText(commandLine).Contains("OrleansMl.Silo", StringComparison.Ordinal)
            : process.ProcessName is "dotnet" or "OrleansMl.Silo";
    }
}
