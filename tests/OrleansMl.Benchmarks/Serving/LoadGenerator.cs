using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>Callers that each send one request after the other over a connection of their own; in a process of its own.</summary>
internal static class LoadGenerator
{
    private const double WarmUpSeconds = 1;

    /// <summary>Runs: ports by commas, callers, seconds, file with the request, processes of the server by commas. Prints a line of JSON.</summary>
    public static int Run(string[] args) => RunAsync(args).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(string[] args)
    {
        var ports = args[0].Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture));
        var callers = int.Parse(args[1], CultureInfo.InvariantCulture);
        var seconds = double.Parse(args[2], CultureInfo.InvariantCulture);
        var request = await File.ReadAllBytesAsync(args[3]);
        var servers = args[4].Split(',');
        var endpoints = ports.Select(port => new IPEndPoint(IPAddress.Loopback, port)).ToArray();
        var connections = new List<LoadConnection>();
        for (var i = 0; i < callers; i++)
            connections.Add(
                await LoadConnection.OpenAsync(endpoints[i % endpoints.Length], request)
            );
        await SendAsync(connections, WarmUpSeconds);
        foreach (var connection in connections)
            connection.Microseconds.Clear();
        var before = ProcessorSeconds(servers);
        var began = Stopwatch.GetTimestamp();
        await SendAsync(connections, seconds);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var processor = ProcessorSeconds(servers) - before;
        var all = connections.SelectMany(connection => connection.Microseconds).Order().ToArray();
        foreach (var connection in connections)
            connection.Dispose();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"requests":{{all.Length}},"per_second":{{all.Length / took}},"cpu_us":{{processor * 1e6 / all.Length}},"p50_us":{{all[all.Length / 2]}},"p99_us":{{all[all.Length * 99 / 100]}}}"""
            )
        );
        return 0;
    }

    private static Task SendAsync(IEnumerable<LoadConnection> connections, double seconds)
    {
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        return Task.WhenAll(
            connections.Select(connection => Task.Run(() => connection.SendUntilAsync(end)))
        );
    }

    /// <summary>Processor time of processes, all threads, user and system, from Linux.</summary>
    private static double ProcessorSeconds(IEnumerable<string> processes) =>
        processes.Sum(process =>
        {
            var stat = File.ReadAllText($"/proc/{process}/stat", Encoding.ASCII);
            // The name, in brackets, may hold anything; utime and stime are the 12th and 13th after it.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            const double TicksPerSecond = 100;
            return (
                    double.Parse(fields[11], CultureInfo.InvariantCulture)
                    + double.Parse(fields[12], CultureInfo.InvariantCulture)
                ) / TicksPerSecond;
        });
}
