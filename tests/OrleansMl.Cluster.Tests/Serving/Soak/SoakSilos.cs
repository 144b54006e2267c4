using OrleansMl.Cluster.Tests.Operations;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>The silo processes that come and go. Thread-safe.</summary>
internal sealed class SoakSilos(ClusterScript script, Random random) : IDisposable
{
    // One beside the survivor always stays, so that there is a silo to fail over to.
    private readonly SemaphoreSlim _spare = new(1);
    private readonly Lock _gate = new();
    private readonly List<string> _running = ["silo-1", "silo-2", "silo-3"];
    private int _newest = 3;

    /// <summary>Addresses of those that run, the newest last.</summary>
    public IReadOnlyList<Uri> Urls
    {
        get
        {
            lock (_gate)
                return [.. _running.Select(script.Url)];
        }
    }

    /// <summary>How many run.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _running.Count;
        }
    }

    /// <summary>Starts a silo that was never there, and waits until it is ready.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> AddAsync()
    {
        var name = $"silo-{Interlocked.Increment(ref _newest)}";
        await script.RunAsync("start", name);
        lock (_gate)
            _running.Add(name);
        _spare.Release();
        return name;
    }

    /// <summary>Ends one by <c>SIGKILL</c>, in the middle of whatever it does, as soon as there is one to spare.</summary>
    /// <returns>Its name.</returns>
    public Task<string> KillAsync(CancellationToken stop) => EndAsync("KILL", stop);

    /// <summary>Asks one to leave, by <c>SIGTERM</c>, as soon as there is one to spare, and waits until it has.</summary>
    /// <returns>Its name.</returns>
    public Task<string> DrainAsync(CancellationToken stop) => EndAsync("TERM", stop);

    public void Dispose() => _spare.Dispose();

    private async Task<string> EndAsync(string signal, CancellationToken stop)
    {
        await _spare.WaitAsync(stop);
        string name;
        lock (_gate)
        {
            var others = _running.Where(silo => silo != SoakSettings.Survivor).ToList();
            name = others[random.Next(others.Count)];
            _running.Remove(name);
        }
        // Directly, not by the script: that runs one command at a time, and a silo may be starting.
        var process = script.ProcessId(name);
        await Processes.SignalAsync(signal, process);
        await Processes.EndedAsync(process, CancellationToken.None);
        return name;
    }
}
