using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansMl.Cli.Operations;

/// <summary>Starts silo processes.</summary>
internal static class SiloProcess
{
    /// <summary>The address with a free port in place of port 0.</summary>
    public static Uri WithPort(Uri url)
    {
        if (url.Port != 0)
            return url;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return new UriBuilder(url) { Port = port }.Uri;
    }

    /// <summary>A child whose output is this process's.</summary>
    public static Process StartAttached(IReadOnlyList<string> command) =>
        Start(command[0], command.Skip(1));

    /// <summary>A process of its own session that outlives this one, its output in a file.</summary>
    public static Process StartDetached(IReadOnlyList<string> command, string logFile) =>
        // The shell opens the log and is replaced by the silo, so the process's id is the silo's.
        Start(
            "setsid",
            [
                "sh",
                "-c",
                "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null",
                "sh",
                logFile,
                .. command,
            ]
        );

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)
            ?? throw new InvalidOperationException($"'{program}' was not started.");
    }
}
