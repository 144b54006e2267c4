using OrleansMl.Cluster.Tests.Operations;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>The silo processes that come and go. Thread-safe.</summary>
internal sealed class SoakSilos(ClusterScript script, Random random)
{
    private readonly Lock _gate = new();
    private readonly List<string> _running = ["silo-1", "silo-2", "silo-3"];
    private int _newest = 3;

    /// <summary>Addresses of those that run.</summary>
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
    public async Task<string> AddAsync()
    {
        var name = $"silo-{Interlocked.Increment(ref _newest)}";
        await script.RunAsync("start", name);
        lock (_gate)
            _running.Add(name);
        return name;
    }

    /// <summary>Ends one by <c>SIGKILL</c>, in the middle of whatever it does.</summary>
    /// <returns>Its name; null: there is none to spare.</returns>
    public Task<string?> KillAsync() => EndAsync("KILL");

    /// <summary>Asks one to leave, by <c>SIGTERM</c>, and waits until it has.</summary>
    /// <returns>Its name; null: there is none to spare.</returns>
    public Task<string?> DrainAsync() => EndAsync("TERM");

    private async Task<string?> EndAsync(string signal)
    {
        string name;
        lock (_gate)
        {
            var others = _running.Where(silo => silo != SoakSettings.Survivor).ToList();
            // One beside the survivor stays, so that there always is a silo to fail over to.
            if (others.Count < 2)
                return null;
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
