using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>Callers that each send one request after the other over a connection of their own: one thread, in a process of its own.</summary>
internal static class LoadGenerator
{
    private const double WarmUpSeconds = 1;

    /// <summary>Runs: ports by commas, callers, seconds, file with the request, processes of the server by commas. Prints a line of JSON.</summary>
    public static int Run(string[] args)
    {
        var ports = args[0].Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture));
        var callers = int.Parse(args[1], CultureInfo.InvariantCulture);
        var seconds = double.Parse(args[2], CultureInfo.InvariantCulture);
        var request = File.ReadAllBytes(args[3]);
        var servers = args[4].Split(',');
        var endpoints = ports.Select(port => new IPEndPoint(IPAddress.Loopback, port)).ToArray();
        var connections = Enumerable
            .Range(0, callers)
            .Select(i => new LoadConnection(endpoints[i % endpoints.Length], request))
            .ToArray();
        using var sockets = new ReadySockets(callers);
        for (var i = 0; i < callers; i++)
            sockets.Watch(connections[i].Descriptor, i);
        Send(connections, sockets, WarmUpSeconds);
        foreach (var connection in connections)
            connection.Microseconds.Clear();
        var before = ProcessorSeconds(servers);
        var began = Stopwatch.GetTimestamp();
        Send(connections, sockets, seconds);
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

    /// <summary>Every caller sends until the time is over; the last answers are waited for.</summary>
    private static void Send(LoadConnection[] connections, ReadySockets sockets, double seconds)
    {
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        foreach (var connection in connections)
            connection.Send();
        Span<int> ready = stackalloc int[connections.Length];
        for (var open = connections.Length; open > 0; )
        {
            var count = sockets.Wait(ready);
            foreach (var number in ready[..count])
            {
                if (!connections[number].Receive())
                    continue;
                if (Stopwatch.GetTimestamp() < end)
                    connections[number].Send();
                else
                    open--;
            }
        }
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
