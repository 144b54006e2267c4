using System.Diagnostics;
using System.Globalization;

namespace OrleansMl.Cluster.Tests.Operations;

/// <summary>Signals to processes, and their families, as the kernel shows them.</summary>
internal static class Processes
{
    /// <summary>Sends a signal by its name, for example <c>STOP</c>.</summary>
    public static async Task SignalAsync(string signal, params int[] processes)
    {
        using var kill = Process.Start(
            "kill",
            [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]
        );
        await kill.WaitForExitAsync(CancellationToken.None);
        if (kill.ExitCode != 0)
            throw new InvalidOperationException(
                $"kill -{signal} {string.Join(' ', processes)} ended with {kill.ExitCode}."
            );
    }

    /// <summary>The silo's one worker process.</summary>
    public static int WorkerOf(int silo) =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
            .Single(id =>
                id > 0 && ParentOf(id) == silo && CommandOf(id).Contains("OrleansMl.Worker")
            );

    /// <summary>Ends when the process has ended.</summary>
    public static async Task EndedAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (ArgumentException)
        {
            // It has ended already.
            return;
        }
    }

    private static int ParentOf(int id)
    {
        var stat = Read($"/proc/{id}/stat");
        // pid (name) state parent …; the name may hold spaces and brackets.
        var after = stat[(stat.LastIndexOf(')') + 1)..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return after.Length > 1 ? int.Parse(after[1], CultureInfo.InvariantCulture) : 0;
    }

    private static string CommandOf(int id) => Read($"/proc/{id}/cmdline");

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // The process ended between listing and reading.
            return "";
        }
    }
}
