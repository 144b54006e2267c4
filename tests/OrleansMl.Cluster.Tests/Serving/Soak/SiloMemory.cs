using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using OrleansMl.Cluster.Tests.Operations;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>
/// Samples of one silo's memory: what the kernel counts as resident, and what is left of the managed heap when it has been collected
/// whole, which is asked for once a minute: by itself a silo with memory to spare goes for hours without. Thread-safe to read when
/// sampling has ended.
/// </summary>
internal sealed class SiloMemory(ClusterScript script, string silo, string file, TimeProvider time)
    : IDisposable
{
    private const string Heap = "dotnet_gc_last_collection_heap_size_bytes";
    private const long CollectKeyword = 0x800000;
    private const int SamplesACollection = 12;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new();
    private readonly List<(double Minute, double Bytes)> _resident = [];
    private readonly List<(double Minute, double Bytes)> _heap = [];

    /// <summary>Samples of the resident memory by the minute since the start.</summary>
    public IReadOnlyList<(double Minute, double Bytes)> Resident => _resident;

    /// <summary>Samples of the managed heap.</summary>
    public IReadOnlyList<(double Minute, double Bytes)> ManagedHeap => _heap;

    /// <summary>The last sample of the resident memory, in bytes.</summary>
    public double Latest { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        var started = time.GetTimestamp();
        await using var csv = new StreamWriter(file) { AutoFlush = true };
        await csv.WriteLineAsync("minute,resident_bytes,heap_bytes");
        try
        {
            using var timer = new PeriodicTimer(Period, time);
            for (var sample = 0; await timer.WaitForNextTickAsync(stop); sample++)
            {
                var isCollected = sample % SamplesACollection == 0;
                if (isCollected)
                    await CollectAsync(script.ProcessId(silo));
                var resident = ReadResident(script.ProcessId(silo));
                var heap = await HeapAsync(stop);
                var minute = time.GetElapsedTime(started).TotalMinutes;
                Latest = resident;
                _resident.Add((minute, resident));
                if (isCollected)
                    _heap.Add((minute, heap));
                await csv.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{minute:F3},{resident:F0},{heap:F0}"
                    )
                );
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run is over.
            return;
        }
    }

    public void Dispose() => _http.Dispose();

    // Whoever begins to listen to this keyword has the runtime collect all generations; so dotnet-gcdump does it.
    private static async Task CollectAsync(int process)
    {
        using var session = await new DiagnosticsClient(process).StartEventPipeSessionAsync(
            [
                new EventPipeProvider(
                    "Microsoft-Windows-DotNETRuntime",
                    EventLevel.Informational,
                    CollectKeyword
                ),
            ],
            requestRundown: false,
            circularBufferMB: 1,
            CancellationToken.None
        );
        var events = session.EventStream.CopyToAsync(Stream.Null, CancellationToken.None);
        await session.StopAsync(CancellationToken.None);
        await events;
    }

    private static double ReadResident(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status")
            .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * double.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture);
    }

    private async Task<double> HeapAsync(CancellationToken stop)
    {
        var metrics = await _http.GetStringAsync(new Uri(script.Url(silo), "/metrics"), stop);
        // One line a generation: name{labels} value [time].
        var lines = metrics
            .Split('\n')
            .Where(line => line.StartsWith(Heap + "{", StringComparison.Ordinal))
            .ToList();
        return lines.Count == 0
            ? throw new InvalidOperationException($"{silo} has no metric {Heap}.")
            : lines.Sum(line =>
                double.Parse(
                    line[(line.LastIndexOf('}') + 1)..]
                        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                    CultureInfo.InvariantCulture
                )
            );
    }
}
